"""What is compared and refused before and after a freeze."""
