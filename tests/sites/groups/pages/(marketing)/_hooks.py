def context():
    return {"who": "the hook"}
