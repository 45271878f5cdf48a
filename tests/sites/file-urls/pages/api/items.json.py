def get():
    return {"items": [1, 2]}
