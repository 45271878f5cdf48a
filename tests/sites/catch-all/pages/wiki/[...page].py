def static_params():
    return ["", "x/y"]


def get(page):
    return f"wiki {page!r}"
