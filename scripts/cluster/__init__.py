"""The cluster of `make cluster`: where its parts are, what they are told, who keeps them going."""
