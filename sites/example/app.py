"""Called once when the site is loaded: registers what templates may use. Says what `[app]` in `site.toml` holds."""

from dataclasses import dataclass
from datetime import date

from engine.extensions import Registry


@dataclass(frozen=True)
class Settings:
    demo_password: str


def setup(app: Registry) -> None:
    app.template_filter("long_date")(long_date)


def long_date(day: date) -> str:
    """`14 March 2026`; the day without a leading zero, which no `strftime` gives everywhere."""
    return f"{day.day} {day:%B %Y}"
