from lists import tags

from engine import abort

static_params = tags


def get(tag):
    return {"tag": tag, "posts": tags().get(tag) or abort(404)}
