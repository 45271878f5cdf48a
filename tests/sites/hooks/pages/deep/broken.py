freeze = False


def get():
    raise ValueError("broken")
