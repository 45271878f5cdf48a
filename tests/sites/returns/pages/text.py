def get():
    return "<p>text</p>"
