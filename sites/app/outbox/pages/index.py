"""The mails that would have been sent, the newest first."""

from engine import current_app


def get():
    return {"mails": list(current_app.extensions["outbox"].kept)}
