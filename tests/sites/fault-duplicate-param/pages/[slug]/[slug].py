def get(slug):
    return ""
