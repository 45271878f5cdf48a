"""Called once when the site is loaded: a filter for templates, and a check of the data. Gives `[app]` its types."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine import Fault, Site
from engine.extensions import Registry


@dataclass(frozen=True)
class Settings:
    demo_password: str


def setup(app: Registry) -> None:
    app.template_filter(long_date)
    app.on_load(overbooked)


def long_date(day: date) -> str:
    """`14 March 2026`; the day without a leading zero, which no `strftime` gives everywhere."""
    return f"{day.day} {day:%B %Y}"


def overbooked(site: Site) -> Iterator[Fault]:
    """The nights with more visitors than places: the site is neither served nor frozen with such a mistake."""
    for night in site.data.nights:
        if night["booked"] > night["places"]:
            what = (
                f"{night['booked']} visitors are booked for the {night['places']} places of {night['date']}"
            )
            yield Fault("overbooked", "data/nights.yaml", what, "Ask some of them for another night")
