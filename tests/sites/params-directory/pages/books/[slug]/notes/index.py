def static_params():
    return [{"slug": "emma"}]


def get(slug):
    return f"notes on {slug}"
