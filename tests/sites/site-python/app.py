from models import ANSWER


def setup(app):
    @app.template_filter()
    def loud(text):
        return text.upper() + "!"

    @app.template_test("short")
    def is_short(text):
        return len(text) < 10

    app.add_names({"answer": ANSWER})
