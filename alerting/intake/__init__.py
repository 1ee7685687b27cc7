"""Alerts of other programs, taken in as evidence like our own."""
