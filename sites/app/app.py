"""Called once when the site is loaded: its settings, the extensions, and what else concerns the whole site."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import commands
import invitations
import slow
from engine import App, BadToken, JSONProvider, abort, current_app, got_request_exception, request
from engine.extensions import Registry
from mails import outbox
from members import login
from models import db
from old_board import old_board

log = logging.getLogger("ternlane")


@dataclass(frozen=True)
class Federation:
    """Where members of any allotment can sign in: a service that speaks OpenID Connect."""

    issuer: str = ""
    client_id: str = "ternlane"
    client_secret: str = ""


@dataclass(frozen=True)
class Settings:
    """What `[app]` holds, in `site.toml` and in what counts more."""

    committee: str
    database_url: str = ""
    mail_server: str = ""
    closed: str = ""
    slow: float = 0.0
    federation: Federation = field(default_factory=Federation)


def setup(app: Registry) -> None:
    db.init_app(app)
    login.init_app(app)
    outbox.init_app(app)
    slow.init_app(app)
    if (service := app.config.app.federation).issuer:
        login.oauth.register("federation", **vars(service))
    if app.config.app.closed:
        app.before_request(closed)
    app.context_processor(names)
    app.errorhandler(BadToken)(invitations.refused)
    app.json_provider(Moments())
    app.mount("/board", old_board)
    got_request_exception.connect(tell, app)
    for command in commands.ALL:
        app.add_command(command)


def closed() -> None:
    """The whole site says why it is closed, such as while another database is brought in."""
    abort(503, current_app.config.app.closed)


def names() -> dict[str, object]:
    """What every template can say: whom to write to."""
    return {"committee": current_app.config.app.committee}


class Moments(JSONProvider):
    """The moments of the database are in UTC without saying so. In JSON they say so."""

    def default(self, value: Any) -> Any:
        is_ours = isinstance(value, datetime) and value.tzinfo is None
        return f"{value.isoformat()}Z" if is_ours else super().default(value)


def tell(sender: App, exception: Exception) -> None:
    """Tell who looks after the site that a page has failed."""
    log.critical("A mail would say: %s failed: %r", request.path, exception)
