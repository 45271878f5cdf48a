def get():
    return "just text"
