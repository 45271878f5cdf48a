"""Sign out."""

from engine import flash, redirect
from engine.ext.login import logout_user


def post():
    logout_user()
    flash("You have signed out.")
    return redirect("/")
