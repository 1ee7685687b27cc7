"""A small district with recorded readings, for the tests of the page."""
