freeze = False


def get():
    return "Secret"
