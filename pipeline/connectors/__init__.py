"""Durable places outside the core: the journal, Parquet."""
