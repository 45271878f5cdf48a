freeze = False


def get():
    return {"a": 1}
