"""Answers that are kept for a time: what a page says of it, what may be kept, and where it is."""
