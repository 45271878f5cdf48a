def static_params():
    return ["naïve"]


def get(tag):
    return tag
