from engine import abort


def static_params():
    return ["a", "b"]


def get(x):
    if x not in static_params():
        abort(404)
    return x
