def get():
    return {"a": 1}
