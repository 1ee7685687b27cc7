"""Device adapters: bytes of a field protocol in, readings out."""
