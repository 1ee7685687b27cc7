"""Pages to print and to keep: one HTML file each, without scripts, that needs nothing from elsewhere."""
