"""Tests: what Forewarn promises, and the tools that measure it."""
