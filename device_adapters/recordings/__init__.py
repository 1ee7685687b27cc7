"""Recordings: files of readings in, batches in order of time out; and the writer of such files."""
