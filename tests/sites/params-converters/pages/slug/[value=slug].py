def static_params():
    return ["a-b"]


def get(value):
    return f"{type(value).__name__} {value}"
