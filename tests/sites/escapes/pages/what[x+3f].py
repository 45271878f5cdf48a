freeze = False


def get():
    return "a question mark"
