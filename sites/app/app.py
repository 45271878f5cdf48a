"""Called once when the site is loaded: the extensions, two commands, and what else concerns the whole site."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select

from engine import App, JSONProvider, got_request_exception, request
from engine.ext import forms
from engine.ext.login import hash_password
from engine.extensions import Registry
from members import by_email, login
from models import Comment, Member, Post, db
from old_board import old_board

log = logging.getLogger("ternlane")


def setup(app: Registry) -> None:
    db.init_app(app)
    forms.init_app(app)
    login.init_app(app)
    app.json_provider(Moments())
    app.mount("/board", old_board)
    got_request_exception.connect(tell, app)
    app.add_command(make_admin)
    app.add_command(demo)


class Moments(JSONProvider):
    """The moments of the database are in UTC without saying so. In JSON they say so."""

    def default(self, value: Any) -> Any:
        is_ours = isinstance(value, datetime) and value.tzinfo is None
        return f"{value.isoformat()}Z" if is_ours else super().default(value)


def tell(sender: App, exception: Exception) -> None:
    """Tell who looks after the site that a page has failed."""
    log.critical("A mail would say: %s failed: %r", request.path, exception)


@click.command("make-admin")
@click.argument("email")
def make_admin(email: str) -> None:
    """Let a member look after the others."""
    member = by_email(email)
    if member is None:
        raise click.ClickException(f"there is no member {email}. Register first.")
    member.is_admin = True
    db.session.commit()
    click.echo(f"{member.name} looks after the members now.")


@click.command()
@click.option("--password", prompt=True, hide_input=True, help="What all of them sign in with.")
def demo(password: str) -> None:
    """Fill an empty noticeboard with something to look at."""
    if db.session.scalar(select(Member).limit(1)):
        raise click.ClickException("there are members already; it is for an empty noticeboard.")
    ada, ben, cai = (
        Member(
            name=name,
            email=f"{name.lower()}@ternlane.example",
            plot=plot,
            password_hash=hash_password(password),
        )
        for name, plot in (("Ada", 12), ("Ben", 31), ("Cai", 7))
    )
    ada.is_admin = True
    authors = {"Ada": ada, "Ben": ben, "Cai": cai}
    for author, title, body in NOTICES:
        authors[author].posts.append(Post(title=title, body=body))
    ada.posts[0].comments += [
        Comment(body="Thank you. I shall bring the long hose.", author=ben),
        Comment(body="Is the tap by the *east* gate on as well?", author=cai),
    ]
    db.session.add_all([ada, ben, cai])
    db.session.commit()
    click.echo("Ada, Ben and Cai have posted. Ada looks after the members: ada@ternlane.example.")


NOTICES = (
    (
        "Ada",
        "The water is on again",
        "The main tap has been mended. Please **turn it off fully**: it drips.\n\n- east gate: on\n- shed: on",
    ),
    ("Ben", "Too many courgettes", "A crate stands at plot 31. Help yourselves before they are marrows."),
    (
        "Cai",
        "Foxes under the shed",
        "Four cubs. Please keep the door shut and the dogs on a lead until June.",
    ),
    (
        "Ben",
        "Seed swap on Saturday",
        "From ten, in the shed. I have [beans](https://en.wikipedia.org/wiki/Runner_bean) and too much kale.",
    ),
)
"""Who has written what, the oldest first."""
