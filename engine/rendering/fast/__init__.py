"""The fast Markdown engine. The only room that knows pyromark, which is an extra."""
