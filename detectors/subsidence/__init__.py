"""Detectors for ground displacement."""
