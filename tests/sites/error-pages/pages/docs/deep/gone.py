from engine import abort

freeze = False


def get():
    abort(404)
