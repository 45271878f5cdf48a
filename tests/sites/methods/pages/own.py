freeze = False


def get():
    return "get"


def head():
    return "", {"X-Head": "own"}


def options():
    return "options"
