"""The site for its author: a server that reloads, shows faults on the page, and answers this machine alone."""
