freeze = "no"


def get():
    return ""
