"""What templates see of a site: its pages, in collections that can be asked."""
