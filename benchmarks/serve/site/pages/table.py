from rows import TABLE


def get():
    return TABLE
