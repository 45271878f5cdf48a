def setup(app):
    raise ValueError("no settings")
