"""Configuration and inventory files, read into validated models."""
