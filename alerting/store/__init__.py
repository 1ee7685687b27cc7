"""The durable record of findings, warnings, deliveries and lead times."""
