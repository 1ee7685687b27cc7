"""Detectors for heat and smoke."""
