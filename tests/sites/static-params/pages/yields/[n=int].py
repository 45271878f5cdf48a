def static_params():
    for n in range(3, 5):
        yield {"n": n}


def get(n):
    return str(n)
