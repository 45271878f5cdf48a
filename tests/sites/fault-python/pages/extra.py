def get(name):
    return ""
