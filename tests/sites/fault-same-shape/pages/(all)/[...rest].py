def get(rest):
    return ""
