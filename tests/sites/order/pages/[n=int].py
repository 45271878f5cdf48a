def static_params():
    return [42]


def get(n):
    return f"typed {n}"
