def static_params():
    return ["ada"]


def get(name):
    return f"text {name}"
