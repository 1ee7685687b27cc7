"""Pure stages, values and instants in, values out: qualify, detect, assess, record."""
