def get():
    return "no template"
