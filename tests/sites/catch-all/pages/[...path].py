def static_params():
    return ["", "a/b/c", "docs/a/b"]


def get(path):
    return f"everything: {path!r}"
