"""One note. `/notes/x/` is no number, and never gets here."""

from typing import Any

import notes

from engine import abort

freeze = False


def get(id: int) -> dict[str, Any]:
    kept = notes.notes()
    return {"note": kept[id - 1], "id": id} if 1 <= id <= len(kept) else abort(404)
