"""What `engine freeze` was asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from engine.freeze.incremental.standing import Seen, look


class Asked(NamedTuple):
    """The options of the command line, as they were given."""

    site: Path
    output: Path | None
    jobs: int | None
    executor: str
    base_url: str | None
    keep_going: bool
    hybrid: bool
    host_profile: str | None
    compress: bool | None
    verify: bool
    drafts: bool | None
    clean: bool
    lock: bool
    prove: bool
    audit: bool
    as_json: bool
    quiet: bool

    @property
    def is_plain(self) -> bool:
        """Whether a freeze that has nothing to make has nothing to do."""
        return not (self.executor or self.verify or self.clean or self.lock or self.prove or self.audit)

    def seen(self) -> Seen:
        """The site as it is now, for the options that change what is made of it."""
        output = os.path.abspath(self.output) if self.output else None
        return look(
            str(self.site), output, self.base_url, self.hybrid, self.drafts, self.host_profile, self.compress
        )
