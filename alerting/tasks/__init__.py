"""Risk notices and follow-up work as items that somebody answers for."""
