"""Weather radar: composites from files, moved on, as rain at sites and ahead of them."""
