freeze = False


def get():
    return "a form"


def post():
    return "thanks"
