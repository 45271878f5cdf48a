def get():
    return {"n": 3}
