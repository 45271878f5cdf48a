"""What the last freeze knew, and whether it still stands."""
