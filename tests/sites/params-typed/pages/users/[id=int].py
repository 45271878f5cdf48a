def static_params():
    return [7]


def get(id):
    return f"{type(id).__name__} {id}"
