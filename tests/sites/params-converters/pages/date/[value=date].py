from datetime import date


def static_params():
    return [date(2024, 2, 29)]


def get(value):
    return f"{type(value).__name__} {value}"
