def get():
    return "<feed/>"
