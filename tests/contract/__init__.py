"""Promises that every registered component keeps."""
