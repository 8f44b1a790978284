"""Commands of the places floor."""
