"""Rain ahead: how far a forecast errs, and rain moved on from what gauges report. Pure."""
