"""The front page: the template beside this file, with the season's open nights."""

from models import Instrument, Night


def get() -> dict[str, object]:
    return {"nights": Night.all(), "instruments": Instrument.all()}
