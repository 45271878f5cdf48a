def get():
    return b"bytes"
