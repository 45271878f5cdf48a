from engine import redirect, url_for


def get():
    return redirect(url_for("/text"))
