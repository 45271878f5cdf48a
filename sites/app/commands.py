"""Commands of this site, for who looks after it: `engine --site sites/app COMMAND`."""

from __future__ import annotations

import click
from sqlalchemy import select

import invitations
from engine import current_app, render_template_string
from engine.ext.login import hash_password
from mails import outbox
from members import by_email
from models import Comment, Member, Post, db


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
@click.argument("email")
@click.argument("plot", type=int)
def invite(email: str, plot: int) -> None:
    """Send somebody with a plot a link to join."""
    invitations.send(email, plot, by="The committee")
    click.echo(f"{email} is invited.")


@click.command()
@click.argument("file", type=click.File())
@click.option("--subject", required=True)
def circular(file: click.utils.LazyFile, subject: str) -> None:
    """Send all members a mail: FILE is a template, in which `member` is who gets it."""
    template = file.read()
    members = db.session.scalars(select(Member).where(Member.is_active).order_by(Member.id)).all()
    for member in members:
        outbox.send(member.email, subject, render_template_string(template, member=member))
    click.echo(f"{len(members)} members were written to.")


@click.command()
def purge() -> None:
    """Have all kept answers made anew, as after a change by hand in the database."""
    if current_app.config.cache.store == "memory":
        raise click.ClickException("each process keeps its own answers. Start the server again instead.")
    current_app.cache.purge(everything=True)
    click.echo("What was kept is gone.")


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

ALL = (make_admin, invite, circular, purge, demo)
