freeze = False


def delete(id):
    return f"delete {id}"
