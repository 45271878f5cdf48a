freeze = False


def get():
    pass
