"""The page: what is in force, which sensor says so, who has been told."""
