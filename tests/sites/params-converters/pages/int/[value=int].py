def static_params():
    return [7]


def get(value):
    return f"{type(value).__name__} {value}"
