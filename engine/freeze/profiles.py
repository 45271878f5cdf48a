"""The names of the hosts whose rules can be added to an output."""

PROFILES = ("nginx", "caddy", "apache", "netlify", "cloudflare", "github", "cloudfront")
"""The hosts that answer by themselves, in the order of `freeze/hosts/table.py`."""
