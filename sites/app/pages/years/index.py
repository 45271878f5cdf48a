"""The years that are over, frozen as those pages are."""

import notices

freeze = True


def get():
    return {"years": notices.years()}
