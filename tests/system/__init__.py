"""Real servers, browsers and processes."""
