from engine import render_template


def get():
    return render_template("_layout.html", said="from the handler")
