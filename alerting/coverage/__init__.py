"""How much of the population was reached, by what, and who was not."""
