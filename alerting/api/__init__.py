"""The HTTP interface: what people and other programs may ask and do."""
