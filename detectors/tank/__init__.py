"""Detectors for tank levels."""
