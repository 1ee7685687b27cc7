"""The monthly report: how well warnings did."""
