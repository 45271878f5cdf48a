"""One page for each instrument in `data/instruments.yaml`."""

from collections.abc import Iterator

from engine import abort
from models import Instrument


def static_params() -> Iterator[dict[str, str]]:
    for instrument in Instrument.all():
        yield {"slug": instrument.slug}


def get(slug: str) -> dict[str, object]:
    instruments = Instrument.all()
    for instrument in instruments:
        if instrument.slug == slug:
            return {
                "instrument": instrument,
                "others": [other for other in instruments if other is not instrument],
            }
    abort(404)
