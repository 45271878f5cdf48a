def get():
    return "a handler alone has no text to list"
