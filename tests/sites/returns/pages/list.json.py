def get():
    return [1, 2]
