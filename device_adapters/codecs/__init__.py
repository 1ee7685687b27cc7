"""Pure codecs: bytes in, readings and rejects out; one file a protocol, no sockets, no clocks."""
