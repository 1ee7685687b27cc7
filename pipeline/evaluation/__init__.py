"""How good the detectors are on recordings with known events: suites in, figures out."""
