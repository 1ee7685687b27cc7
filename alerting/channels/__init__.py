"""Delivery channels, one file each."""
