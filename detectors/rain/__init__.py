"""Detectors for rain gauges."""
