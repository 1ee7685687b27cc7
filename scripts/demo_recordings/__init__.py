"""How each recording of the demonstration is made: one file a hazard, each a function of the source files."""
