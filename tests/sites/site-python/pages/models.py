import counter
from models import Author
from package import inner


def get():
    return f"{Author.name}, {counter.imports} import, {inner.WORD}"
