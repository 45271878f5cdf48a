def static_params():
    return ["other"]


def get(name):
    return f"plain {name}"
