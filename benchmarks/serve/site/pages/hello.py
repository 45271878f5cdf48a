def get():
    return "<h1>Hello, World!</h1>"
