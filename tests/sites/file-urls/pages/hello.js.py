def get():
    return 'say("a & b")'
