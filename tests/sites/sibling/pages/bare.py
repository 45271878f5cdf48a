freeze = False


def post():
    return "posted"
