"""How the sample site that `forewarn init` copies is made from the program's own options."""
