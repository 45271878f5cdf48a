"""Asks the App for pages: here, in forked workers, on other machines."""
