"""What the observatory keeps in `data/`, with types."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from engine import data

NEW_MOON = date(2000, 1, 6)
MONTH = 29.530588  # days from new moon to new moon, on average
PHASES = (
    "New",
    "Waxing crescent",
    "First quarter",
    "Waxing gibbous",
    "Full",
    "Waning gibbous",
    "Last quarter",
    "Waning crescent",
)


@dataclass(frozen=True, slots=True)
class Instrument:
    slug: str
    name: str
    kind: str
    maker: str
    since: int
    place: str
    use: str
    about: list[str]

    @classmethod
    def all(cls) -> list[Instrument]:
        return [cls(**row) for row in data.instruments]


@dataclass(frozen=True, slots=True)
class Moon:
    """The Moon on the evening of a day, to within a day of its age."""

    age: float

    @classmethod
    def on(cls, day: date) -> Moon:
        return cls(((day - NEW_MOON).days + 0.1) % MONTH)

    @property
    def phase(self) -> str:
        return PHASES[round(self.age / MONTH * 8) % 8]

    @property
    def lit(self) -> int:
        """How much of the disc is lit, in per cent."""
        return round(50 * (1 - math.cos(math.tau * self.age / MONTH)))

    @property
    def outline(self) -> str:
        """The lit part of a disc of radius 10 as an SVG path: half a circle, closed by half an ellipse."""
        turn = math.cos(math.tau * self.age / MONTH)
        waxing = self.age < MONTH / 2
        limb = 1 if waxing else 0
        terminator = 1 - limb if turn > 0 else limb
        return f"M0-10A10 10 0 0 {limb} 0 10A{abs(10 * turn):.2f} 10 0 0 {terminator} 0-10"


@dataclass(frozen=True, slots=True)
class Night:
    """An open night. `booked` of its `places` are taken."""

    id: int
    date: date
    title: str
    places: int
    booked: int

    @classmethod
    def all(cls) -> list[Night]:
        return [cls(**row) for row in data.nights]

    @property
    def left(self) -> int:
        return self.places - self.booked

    @property
    def moon(self) -> Moon:
        return Moon.on(self.date)
