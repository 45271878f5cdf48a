def static_params():
    return [{"n": 1, "x": "x"}]


def get(n, x):
    return f"{n} {x}"
