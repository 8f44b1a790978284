"""Commands of the productions."""
