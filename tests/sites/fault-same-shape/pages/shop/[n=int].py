def get(n):
    return ""
