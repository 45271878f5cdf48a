def get():
    return "a page of its own"
