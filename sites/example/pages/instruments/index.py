"""All instruments; the template beside this file shows them."""

from models import Instrument


def get() -> dict[str, object]:
    return {"instruments": Instrument.all()}
