def get(:
    pass
