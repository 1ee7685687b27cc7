"""The core of Forewarn: the model, the pure stages, and the runners that drive them."""
