def static_params():
    return ["other/more", "about/more"]


def get(rest):
    return f"rest {rest}"
