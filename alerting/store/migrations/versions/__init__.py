"""The revisions, in the order of their numbers. `scripts/make_migration.py` makes them from the tables."""
