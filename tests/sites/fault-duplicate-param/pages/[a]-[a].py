def get(a):
    return ""
