freeze = False


def get():
    return {"said": "ask"}


def post():
    return {"said": "no"}, 422
