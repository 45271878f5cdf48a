"""Files on their way to the output."""
