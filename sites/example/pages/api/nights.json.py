"""The open nights as a file for machines. How many places are left is asked of `/api/visits/ID`."""

from models import Night


def get() -> dict[str, object]:
    return {"nights": [describe(night) for night in Night.all()]}


def describe(night: Night) -> dict[str, object]:
    return {
        "id": night.id,
        "date": night.date.isoformat(),
        "title": night.title,
        "moon": {"phase": night.moon.phase, "lit": night.moon.lit},
        "places": night.places,
    }
