"""What others do with the same readings: each a program of its own, some in an environment of their own."""
