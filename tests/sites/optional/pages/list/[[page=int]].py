def static_params():
    return [{}, {"page": 2}]


def get(page=1):
    return f"page {page}"
