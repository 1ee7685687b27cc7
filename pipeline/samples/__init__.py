"""Samples that come with the program: demo/ is the demonstration, site/ is what `forewarn init` starts a site from."""
