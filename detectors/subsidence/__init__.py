"""Subsidence and slopes: displacement, its velocity, and when it runs away."""
