"""What a parsed path is made of, and its shape: the key by which two paths match the same texts.

Shapes are written in the brackets of the grammar, but only `segments` reads these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

Takes: TypeAlias = Literal["one", "optional", "rest"]

STATIC, AFFIXED, TYPED, END, PLAIN, OPTIONAL, REST = range(7)
"""The ranks of segments, in the order in which routes are tried. `END` is the end of a route."""

_FORMS: dict[Takes, str] = {"one": "[{}]", "optional": "[[{}]]", "rest": "[...{}]"}


def escaped(text: str, characters: str = "[]") -> str:
    """`text` with the given characters written as escapes of the grammar."""
    return re.sub(f"[{re.escape(characters)}]", lambda found: f"[x+{ord(found[0]):02x}]", text)


class Slot(NamedTuple):
    """A parameter: its name, its converter (`""` takes any text), and how many segments it takes."""

    name: str
    converter: str = ""
    takes: Takes = "one"

    def __str__(self) -> str:
        return _FORMS[self.takes].format(f"{self.name}={self.converter}" if self.converter else self.name)

    @property
    def shape(self) -> str:
        return _FORMS[self.takes].format(f"={self.converter}" if self.converter else "")


class Static(NamedTuple):
    """A segment that is this text, in NFC."""

    text: str

    def __str__(self) -> str:
        return self.shape

    @property
    def rank(self) -> int:
        return STATIC

    @property
    def shape(self) -> str:
        """Equal for two segments if and only if they match the same texts. Brackets are escaped."""
        return escaped(self.text) if "[" in self.text or "]" in self.text else self.text

    @property
    def names(self) -> tuple[str, ...]:
        return ()


class Param(NamedTuple):
    """A segment with parameters: `texts` stand before, between and after the `slots`, one more than these.

    Text stands between any two slots, and a slot that does not take exactly one segment stands alone.
    """

    slots: tuple[Slot, ...]
    texts: tuple[str, ...] = ("", "")

    def __str__(self) -> str:
        return self._mixed(str(slot) for slot in self.slots)

    @property
    def rank(self) -> int:
        if self.takes != "one":
            return OPTIONAL if self.takes == "optional" else REST
        if any(self.texts):
            return AFFIXED
        return TYPED if self.slots[0].converter else PLAIN

    @property
    def takes(self) -> Takes:
        return self.slots[0].takes

    @property
    def shape(self) -> str:
        """The conflict key: names of parameters do not count, converters do."""
        return self._mixed(slot.shape for slot in self.slots)

    @property
    def text(self) -> str:
        """All its static text."""
        return "".join(self.texts)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(slot.name for slot in self.slots)

    def _mixed(self, slots: Iterable[str]) -> str:
        before, *after = (Static(text).shape for text in self.texts)
        return before + "".join(slot + text for slot, text in zip(slots, after, strict=True))


Segment: TypeAlias = Static | Param
