def get(path):
    return ""
