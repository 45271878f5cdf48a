raise RuntimeError("nobody but this site may import this")
