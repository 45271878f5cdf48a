"""Lock a member out, or let them in again."""

from engine import abort, flash, redirect, url_for
from engine.ext.login import current_user
from members import has_changed
from models import Member, db


def post(id):
    member = db.get_or_404(Member, id)
    if member.id == current_user.id:
        abort(400, "You cannot lock yourself out.")
    member.is_active = not member.is_active
    db.session.commit()
    has_changed()
    flash(f"{member.name} {'may sign in again' if member.is_active else 'is locked out'}.")
    return redirect(url_for("/admin"))
