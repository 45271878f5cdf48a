def static_params():
    return ["", "a/b"]


def get(path):
    return f"edit {path!r}"
