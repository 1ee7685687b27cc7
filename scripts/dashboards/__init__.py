"""What stands on each Grafana dashboard, and how it is asked for in Flux."""
