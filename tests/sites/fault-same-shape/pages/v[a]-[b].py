def get(a, b):
    return ""
