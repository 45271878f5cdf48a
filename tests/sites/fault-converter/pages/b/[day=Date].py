def get(day):
    return ""
