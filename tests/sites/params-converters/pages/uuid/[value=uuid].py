from uuid import UUID


def static_params():
    return [UUID(int=10)]


def get(value):
    return f"{type(value).__name__} {value}"
