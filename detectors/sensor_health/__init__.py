"""Detectors for the sensor itself."""
