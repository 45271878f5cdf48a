def get():
    return "static"
