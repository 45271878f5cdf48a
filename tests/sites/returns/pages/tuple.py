freeze = False


def get():
    return "made", 201, {"X-Made": "yes"}
