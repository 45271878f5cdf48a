"""The notes of a visitor, kept in their session. A real application would ask a database here."""

from engine import session

LONGEST = 200  # characters; a session must fit into a cookie of 4 kB
MOST = 10


def notes() -> list[str]:
    kept: list[str] = session.get("notes", [])
    return kept


def add(text: str) -> None:
    session["notes"] = [*notes(), text[:LONGEST]][-MOST:]


def clear() -> None:
    session.pop("notes", None)
