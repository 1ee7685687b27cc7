"""A pytest plugin: recordings played through the core in other people's tests, with no server."""
