"""How the tables came to be what they are: Alembic revisions, each in a file of `versions`."""
