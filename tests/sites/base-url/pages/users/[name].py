def static_params():
    return ["ada"]


def get(name):
    return name
