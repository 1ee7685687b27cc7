"""What drives the stages: threads, files, time."""
