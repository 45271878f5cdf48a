"""The log book of the keyholders: a CSV file that only grows. The only module that opens it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import IO, NamedTuple

from engine import current_app, g, teardown_this_request, touch


class Entry(NamedTuple):
    """What somebody noted on an evening, before they looked through anything."""

    day: str
    name: str
    air: str
    text: str


def entries() -> list[Entry]:
    """All entries, the newest first."""
    touch("the log book")
    book = opened()
    book.seek(0)
    return [Entry(*row) for row in csv.reader(book)][::-1]


def add(entry: Entry) -> None:
    book = opened()
    csv.writer(book).writerow(entry)
    book.flush()


def opened() -> IO[str]:
    """The book, opened once in a request and closed with it."""
    if "logbook" not in g:
        place = Path(current_app.root, current_app.config.app.log)
        place.parent.mkdir(exist_ok=True)
        g.logbook = place.open("a+", encoding="utf-8", newline="")
        teardown_this_request(lambda exception: g.logbook.close())
    book: IO[str] = g.logbook
    return book
