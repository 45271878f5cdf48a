def static_params():
    return ["hello", "a b"]


def get(slug):
    return slug
