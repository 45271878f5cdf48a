def static_params():
    return [{"a": "leeds", "b": "york"}]


def get(a, b):
    return f"{a} to {b}"
