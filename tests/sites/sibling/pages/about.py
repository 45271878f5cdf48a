def get():
    return {"name": "Ada"}
