def static_params():
    return [1.5]


def get(value):
    return f"{type(value).__name__} {value}"
