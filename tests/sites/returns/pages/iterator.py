def get():
    yield "one "
    yield "two"
