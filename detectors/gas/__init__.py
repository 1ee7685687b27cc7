"""Detectors for combustible, toxic and trace gas."""
