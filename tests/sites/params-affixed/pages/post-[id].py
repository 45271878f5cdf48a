def static_params():
    return ["7"]


def get(id):
    return f"post {id}"
