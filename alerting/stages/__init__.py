"""Pure decisions on deliveries: routing, retry."""
