"""People: who may what, who is on duty, how they answer."""
