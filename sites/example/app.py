"""Called once when the site is loaded: what templates know besides, and checks of the site. Gives `[app]` its types."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine import Fault, Page, Site
from engine.extensions import Registry, RouteTable
from models import Night

KEPT = r"(?P<kept><(?P<name>pre|code|script|style)\b.*?</(?P=name)>|<[^>]*>)"
UNITS = re.compile(rf"{KEPT}|(?<=\d) (?=(?:cm|m|km|mm|nm|kΩ|knots|min)\b|[%°])", re.DOTALL)
HEAVIEST = 60_000
"""Bytes of a page: on the edge a telephone has one bar of signal."""


@dataclass(frozen=True)
class Settings:
    demo_password: str
    log: str
    mast: str
    dome: str


class Year:
    """A type for names of files, `[year=year]`: a year that the journal may have, in four digits."""

    def parse(self, text: str) -> int:
        if not re.fullmatch("20[0-9][0-9]", text):
            raise ValueError
        return int(text)

    def format(self, value: int) -> str:
        return str(value)


def setup(app: Registry) -> None:
    app.template_filter(long_date)
    app.template_test(dark)
    app.add_converter("year", Year())
    app.on_routes(dictated)
    app.on_load(overbooked)
    app.on_render(tied)
    app.on_freeze(heavy)


def long_date(day: date) -> str:
    """`14 March 2026`; the day without a leading zero, which no `strftime` gives everywhere."""
    return f"{day.day} {day:%B %Y}"


def dark(night: Night) -> bool:
    """Whether faint things can be seen: `{% if night is dark %}`."""
    return night.moon.lit < 15


def tied(html: str, page: Page) -> str:
    """Keep a number and its unit on one line: `15 cm`. Tags and code stay as they are."""
    return UNITS.sub(lambda found: found["kept"] or "\N{NO-BREAK SPACE}", html)


def dictated(routes: RouteTable) -> Iterator[Fault]:
    """The addresses that nobody could pass on by telephone, as the warden does: all of ours are in small letters."""
    for route in routes.routes:
        if route.id != route.id.lower():
            yield Fault(
                "capitals", route.source, f"the address {route.id} has capital letters", "Rename the file"
            )


def overbooked(site: Site) -> Iterator[Fault]:
    """The nights with more visitors than places: the site is neither served nor frozen with such a mistake."""
    for night in site.data.nights:
        if night["booked"] > night["places"]:
            what = (
                f"{night['booked']} visitors are booked for the {night['places']} places of {night['date']}"
            )
            yield Fault("overbooked", "data/nights.yaml", what, "Ask some of them for another night")


def heavy(files: Mapping[str, bytes]) -> Iterator[Fault]:
    """The pages that take too long on the way up the hill: none is published with one of them."""
    for path, body in files.items():
        if path.endswith(".html") and len(body) > HEAVIEST:
            yield Fault(
                "heavy", path, f"it has {len(body):,} bytes, more than {HEAVIEST:,}", "Split the page"
            )
