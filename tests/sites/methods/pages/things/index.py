freeze = False


def get():
    return "get"


def post():
    return "post"
