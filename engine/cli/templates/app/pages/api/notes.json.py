"""The notes as JSON: a handler returns values, and the name of the file says the type."""

from typing import Any

import notes

freeze = False


def get() -> dict[str, Any]:
    return {"notes": notes.notes()}
