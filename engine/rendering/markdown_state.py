"""Tokens, and the state of a document while its blocks are read: what markdown-it makes, at less cost."""

from __future__ import annotations

from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType

BLANKS = " \t"


class QuickToken(Token):
    """A token set up by assignments alone: the stock constructor takes twice as long, and a page has hundreds."""

    __slots__ = ()

    def __init__(
        self,
        type: str,
        tag: str,
        nesting: Literal[-1, 0, 1],
        attrs: dict[str, str | int | float] | None = None,
        meta: dict[Any, Any] | None = None,
        content: str = "",
    ) -> None:
        self.type = type
        self.tag = tag
        self.nesting = nesting
        self.attrs = {} if attrs is None else attrs
        self.map = self.children = None
        self.level = 0
        self.content = content
        self.markup = self.info = ""
        self.meta = {} if meta is None else meta
        self.block = self.hidden = False


def block_token(kind: str, tag: str, nesting: Literal[-1, 0, 1], level: int) -> Token:
    """A token of a block, as `StateBlock.push` makes it at a level."""
    token = QuickToken(kind, tag, nesting)
    token.block, token.level = True, level
    return token


class QuickState(StateBlock):
    """The state of a document, its lines measured by the methods of `str`."""

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> None:
        super().__init__("", md, env, tokens)
        self.src = src
        self._measure(src)

    def _measure(self, src: str) -> None:
        """Note where each line begins and ends, and its indentation; behind the last one stands an empty one."""
        lines = src.split("\n")
        if not lines[-1].strip(BLANKS):
            lines.pop()
        shifts = [len(line) - len(line.lstrip(BLANKS)) for line in lines]
        starts, start = [], 0
        for line in lines:
            starts.append(start)
            start += len(line) + 1
        self.bMarks = [*starts, len(src)]
        self.eMarks = [*(start + len(line) for start, line in zip(starts, lines, strict=True)), len(src)]
        self.tShift = [*shifts, 0]
        self.sCount = [*map(_columns, lines, shifts), 0]
        self.bsCount = [0] * (len(lines) + 1)
        self.lineMax = len(lines)

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        """Append a token, at the level at which it stands."""
        token = QuickToken(ttype, tag, nesting)
        token.block = True
        if nesting < 0:
            self.level -= 1
        token.level = self.level
        if nesting > 0:
            self.level += 1
        self.tokens.append(token)
        return token


def _columns(line: str, shift: int) -> int:
    """The columns that the first `shift` characters of a line, spaces and tabs, take: a tab goes to a fourth one."""
    return len(line[:shift].expandtabs(4)) if shift and "\t" in line[:shift] else shift
