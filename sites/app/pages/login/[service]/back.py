"""Sign in by another service: the visitor comes back from there.

Who is signed in already joins the two. Nobody is signed in by an address alone: it may have come into other hands.
"""

from engine import abort, flash, redirect, url_for
from engine.ext.login import current_user, login_user, next_url
from members import by_identity, login
from models import Identity, db, now


def get(service):
    who = login.oauth.finish(service)
    member = by_identity(who.service, who.subject)
    if current_user:
        return joined(who, member)
    if member is None:
        flash(
            f"The {service} knows you, and we do not yet. Sign in or join first, then join the two in your account."
        )
        return redirect(url_for("/login"))
    if not member.is_active:
        abort(403)
    member.last_login = now()
    db.session.commit()
    login_user(member)
    return redirect(next_url("/"))


def joined(who, member):
    if member is None:
        db.session.add(Identity(service=who.service, subject=who.subject, member_id=current_user.id))
        db.session.commit()
    elif member.id != current_user.id:
        abort(409, "Somebody else signs in by this.")
    flash(f"From now on you can sign in by the {who.service}.")
    return redirect(url_for("/account"))
