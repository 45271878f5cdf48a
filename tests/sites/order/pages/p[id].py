def static_params():
    return ["age"]


def get(id):
    return f"shorter affix {id}"
