"""From names on disk to URLs and back: the grammar, the order, the table."""
