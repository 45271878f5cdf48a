import enum


class Colour(enum.Enum):
    RED = "red"

    def __str__(self):
        return self.value


class ColourConverter:
    accepts = Colour

    def parse(self, text):
        return Colour(text)

    def format(self, value):
        return value.value


def setup(app):
    app.add_converter("colour", ColourConverter())
