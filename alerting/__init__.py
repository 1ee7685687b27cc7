"""From an assessment to people who know: report chains, deliveries, channels, console."""
