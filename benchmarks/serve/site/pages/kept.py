from rows import TABLE

from engine import render_template

cache = "10m"


def get():
    return render_template("templates/table.html", **TABLE)
