"""How many places an open night has left, and whether a party of `?party=5` fits."""

from engine import abort, request
from models import Night

freeze = False  # the answer changes by the hour, and depends on the question


def get(id: int) -> dict[str, object]:
    night = next((night for night in Night.all() if night.id == id), None)
    if night is None:
        abort(404)
    party = request.args.get("party", default=1, type=int)
    return {
        "id": night.id,
        "date": night.date.isoformat(),
        "left": night.left,
        "fits": 0 < party <= night.left,
    }
