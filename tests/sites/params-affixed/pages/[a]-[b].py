def static_params():
    return [{"a": "x", "b": "y-z"}]


def get(a, b):
    return f"{a} and {b}"
