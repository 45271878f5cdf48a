def get():
    return "a page"
