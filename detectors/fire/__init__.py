"""Fire: heat, smoke and carbon monoxide, singly and together."""
