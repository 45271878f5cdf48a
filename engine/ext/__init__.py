"""What many sites need and none must have. Each is an extra, and stands on the public face of the engine alone."""
