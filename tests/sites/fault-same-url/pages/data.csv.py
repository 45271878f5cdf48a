def get():
    return ""
