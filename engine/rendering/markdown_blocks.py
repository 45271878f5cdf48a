"""Blocks of the plainest kinds, read without rules: where one is read here, its tokens are those of the rules.

Most of a document are paragraphs, headings and flat lists that stand between empty lines. One expression finds where
such a block ends; the rules ask at each of its lines what may begin there. What it does not know, it leaves to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.parser_block import ParserBlock, RuleFuncBlockType
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType

from engine.rendering.markdown_state import QuickState, block_token

# What no rule begins with: a letter, a number that is no item's, a quotation mark, emphasis, code, a link.
_START = r"""(?:[^\W\d_]|\d++(?![.)])|["'(“—]|`(?!`)|\*{1,2}(?=[^\W_])|\[[^\[\]\n]++\]\()"""
_LINE = rf"{_START}[^\n]*+"
_ENDS = r"(?=\n\n|\n?\Z)"
_MARK = r"(?:[-*+]|\d{1,9}[.)])[ ]"
_BLOCK = re.compile(
    rf"""(?P<paragraph>{_LINE}(?:\n{_LINE})*+){_ENDS}
    |(?P<heading>\#{{1,6}})[ ]++(?P<text>[^\n]++)(?=\n|\Z)
    |(?P<list>{_MARK}{_LINE}(?:\n[ ]*+{_MARK}{_LINE})*+){_ENDS}(?!\n++[ \t\d*+-])
    """,
    re.VERBOSE,
)
_ITEM = re.compile(r"([ ]*+)((\d*+)([-*+.)]))[ ]([^\n]*+)")
DEEPEST_LIST = 8


class QuickBlocks(ParserBlock):
    """Reads blocks: the plain ones of the document itself at once, all others by the rules of `ruler`."""

    def __init__(self, ruler: Ruler[RuleFuncBlockType]) -> None:
        super().__init__()
        self.ruler = ruler

    def parse(self, src: str, md: MarkdownIt, env: EnvType, outTokens: list[Token]) -> list[Token] | None:
        """Append the tokens of the blocks of `src`, whose line ends are LF, to `outTokens`."""
        state = QuickState(src, md, env, outTokens)
        self.tokenize(state, 0, state.lineMax)
        return state.tokens

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        """Append the tokens of lines, as the stock loop does; the rules find a block in any line."""
        [rule] = self.ruler.getRules()
        line, is_loose, is_top = startLine, False, state.level == 0
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                break
            if state.level >= state.md.options.maxNesting:
                state.line = endLine
                break
            if not (is_top and read_block(state, line)):
                rule(state, line, endLine, False)
            state.tight = not is_loose
            line = state.line
            is_loose = is_loose or (line - 1 < endLine and state.isEmpty(line - 1))
            if line < endLine and state.isEmpty(line):
                is_loose = True
                line += 1
                state.line = line


def read_block(state: StateBlock, line: int) -> bool:
    """Read the block that begins at a line of the document itself, in no other block; false if the rules must."""
    block = _BLOCK.match(state.src, state.bMarks[line])
    return block is not None and _READERS[block.lastgroup or ""](state, line, block)


def _paragraph(state: StateBlock, line: int, block: re.Match[str]) -> bool:
    text = block["paragraph"]
    state.line = line + 1 + text.count("\n")
    state.tokens += _inline_block("paragraph", "p", 0, mdTrim(text), [line, state.line])
    return True


def _heading(state: StateBlock, line: int, block: re.Match[str]) -> bool:
    text = mdTrim(block["text"])
    if not text or text.endswith("#"):  # what closes the heading, or does not
        return False
    state.line = line + 1
    marks = block["heading"]
    tokens = _inline_block("heading", f"h{len(marks)}", 0, text, [line, state.line])
    tokens[0].markup = tokens[2].markup = marks
    state.tokens += tokens
    return True


class _Item(NamedTuple):
    """An item of one line: where its mark begins, the number and the character that are its mark, and its text."""

    indent: int
    number: str
    mark: str
    text: str

    @property
    def is_first(self) -> bool:
        """Whether a list may begin with it, below a text."""
        return self.number in ("", "1")

    @property
    def inside(self) -> int:
        """Where what stands in this item begins."""
        return self.indent + len(self.number) + 2

    def is_like(self, other: _Item) -> bool:
        """Whether it goes on a list."""
        return (
            self.indent == other.indent
            and self.mark == other.mark
            and bool(self.number) == bool(other.number)
        )


def _list(state: StateBlock, line: int, block: re.Match[str]) -> bool:
    items = [
        _Item(len(indent), number, mark, text)
        for indent, _, number, mark, text in _ITEM.findall(block["list"])
    ]
    writer = _ListWriter(items, line, state.skipEmptyLines(line + len(items)))
    if not writer.write(0) or writer.at < len(items):
        return False
    state.tokens += writer.tokens
    state.line = writer.end
    return True


class _ListWriter:
    """Writes the tokens of items, the first of which stands on `line`; the list ends before the line `end`."""

    def __init__(self, items: list[_Item], line: int, end: int) -> None:
        self.tokens: list[Token] = []
        self.at = 0
        self.end = end
        self._items, self._line = items, line

    def write(self, level: int) -> bool:
        """Write the list that begins at `at`; false where its indentation says something else."""
        first, start = self._items[self.at], self._here
        kind, tag = ("ordered_list", "ol") if first.number else ("bullet_list", "ul")
        opening, closing = (
            block_token(f"{kind}_open", tag, 1, level),
            block_token(f"{kind}_close", tag, -1, level),
        )
        if first.number and int(first.number) != 1:
            opening.attrs = {"start": int(first.number)}
        self.tokens.append(opening)
        while self.at < len(self._items) and self._items[self.at].is_like(first):
            if not self._item(level + 1):
                return False
        self.tokens.append(closing)
        opening.map, opening.markup, closing.markup = [start, self._here], first.mark, first.mark
        return True

    @property
    def _here(self) -> int:
        """The line of the next item, or the end of the whole list."""
        return self._line + self.at if self.at < len(self._items) else self.end

    def _item(self, level: int) -> bool:
        item, start = self._items[self.at], self._here
        opening, closing = (
            block_token("list_item_open", "li", 1, level),
            block_token("list_item_close", "li", -1, level),
        )
        opening.info = item.number
        opening.markup = closing.markup = item.mark
        paragraph = _inline_block("paragraph", "p", level + 1, mdTrim(item.text), [start, start + 1])
        paragraph[0].hidden = paragraph[2].hidden = True
        self.tokens += (opening, *paragraph)
        self.at += 1
        if self.at < len(self._items) and (below := self._items[self.at]).indent >= item.inside:
            is_list = below.indent < item.inside + 4 and below.is_first and level < DEEPEST_LIST
            if not is_list or not self.write(level + 1):
                return False
        self.tokens.append(closing)
        opening.map = [start, self._here]
        return True


def _inline_block(kind: str, tag: str, level: int, text: str, lines: list[int]) -> tuple[Token, Token, Token]:
    opening, inline = block_token(f"{kind}_open", tag, 1, level), block_token("inline", "", 0, level + 1)
    opening.map = lines
    inline.content, inline.map, inline.children = text, list(lines), []
    return opening, inline, block_token(f"{kind}_close", tag, -1, level)


_READERS: dict[str, Callable[[StateBlock, int, re.Match[str]], bool]] = {
    "paragraph": _paragraph,
    "text": _heading,
    "list": _list,
}
"""By the last group that an expression closes."""
