"""What the page shows, put together from the store and the live process."""
