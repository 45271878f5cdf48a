def static_params():
    return [{"slug": "emma", "number": 3}]


def get(slug, number):
    return f"{slug} {number}"
