from app import Colour


def static_params():
    return list(Colour)


def get(value):
    return f"{type(value).__name__} {value}"
