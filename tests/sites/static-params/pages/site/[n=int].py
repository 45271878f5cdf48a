from engine import data


def static_params():
    return data.numbers


def get(n):
    return f"{n} of data"
