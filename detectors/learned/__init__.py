"""Detectors that learn what is usual from the readings themselves."""
