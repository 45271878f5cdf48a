from engine import abort

freeze = False


def get():
    abort(403, "You may not.")
