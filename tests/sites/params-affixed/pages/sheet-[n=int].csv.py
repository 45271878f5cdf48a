def static_params():
    return [2]


def get(n):
    return f"sheet,{n}"
