def get():
    return "Gone, says Python"
