"""Figures of speed and size: `python -m tests.bench`."""
