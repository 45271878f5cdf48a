def get():
    return {"count": 3}
