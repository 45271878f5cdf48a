"""One module per kind of file; `kinds.py` is the table from a file's name to its view."""
