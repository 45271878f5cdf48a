def get():
    return "new"
