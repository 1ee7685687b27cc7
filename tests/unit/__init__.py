"""Pure and fast: no sockets, no processes."""
