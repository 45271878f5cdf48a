"""What a site's files say, before anything is made of it."""
