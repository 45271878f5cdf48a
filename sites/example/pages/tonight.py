"""The sky over the hill, now. The mast and the dome are asked at once, so that a silent one costs no time twice."""

import asyncio

from engine import current_app
from hill import ask

freeze = False  # it is another one each time
cache = "10s"  # however many look, the instruments are asked once in that time


async def get() -> dict[str, object]:
    settings = current_app.config.app
    mast, dome = await asyncio.gather(ask(settings.mast), ask(settings.dome))
    return {"mast": mast, "dome": dome}
