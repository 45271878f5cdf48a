from lists import posts_by_tag

from engine import abort


def get(tag):
    return {"tag": tag, "posts": posts_by_tag().get(tag) or abort(404)}
