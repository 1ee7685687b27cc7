"""Whole cases as folders: input, configuration, expected output."""
