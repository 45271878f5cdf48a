def get():
    return "The shop"
