import helper


def get():
    return ""
