import counter

counter.imports += 1
ANSWER = 42


class Author:
    name = "Ada"
