"""Exercises: what may leave, how they are played, what they showed."""
