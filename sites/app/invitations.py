"""Who has a plot is invited: a link that says which plot is theirs, and holds for a week."""

from __future__ import annotations

import json
from typing import NamedTuple

from engine import BadToken, Response, flash, redirect, render_template, signer, url_for
from mails import outbox
from members import plain

A_WEEK = 7 * 24 * 3600


class Invitation(NamedTuple):
    email: str
    plot: int | None


def send(email: str, plot: int | None, by: str) -> None:
    """Send the link to an address."""
    token = signer("invitation").dumps(json.dumps([plain(email), plot]).encode())
    link = url_for("/register", _query={"invited": token}, _external=True)
    outbox.send(
        plain(email), "Come to our noticeboard", render_template("mails/invitation.txt", by=by, link=link)
    )


def read(token: str) -> Invitation:
    """What a link says. Raises `BadToken` where it is too old, or not of this site."""
    said, _ = signer("invitation").loads(token, max_age=A_WEEK)
    return Invitation(*json.loads(said))


def refused(error: BadToken) -> Response:
    """What a visitor is told whose link does not hold."""
    flash("This invitation is too old, or not ours. You may join without one.")
    return redirect(url_for("/register"))
