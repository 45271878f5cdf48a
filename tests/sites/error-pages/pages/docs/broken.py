freeze = False


def get():
    raise RuntimeError("broken")
