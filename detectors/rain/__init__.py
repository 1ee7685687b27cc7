"""Rain: sums over rolling windows against the signals of the weather service."""
