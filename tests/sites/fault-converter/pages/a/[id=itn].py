def get(id):
    return ""
