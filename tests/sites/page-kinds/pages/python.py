def get():
    return "From Python"
