def get():
    return "five hundred and ninety-nine"
