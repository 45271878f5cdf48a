"""The Markdown rules that are ours: faster or safer forms of stock rules, heading attributes, places of links."""

from __future__ import annotations

import re

from markdown_it.common.utils import mdTrim
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as stock_table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from engine.rendering.markdown_plain import PLACE

EXPLICIT_ID = "id"
"""The key of `Token.meta` under which a heading keeps the id that the author wrote."""

WRITE_REFERENCE = "engine.write_reference"
"""The key of the environment under which the writer of a reference definition's URL stands."""

DELIMITER_ROW = "|-:"
"""What the second line of a table begins with."""

MORE = re.compile(r"<!--\s*more\s*-->", re.IGNORECASE)
ATTRIBUTES = re.compile(r"(?<!\\)\{[ \t]*((?:[#.][\w:.-]+[ \t]*)+)\}$")
FOOTNOTE = re.compile(r"\[\^([^\[\]\s]{1,999})\]")  # a label has at most 999 characters, as in CommonMark


def normalise(state: StateCore) -> None:
    """Line ends are LF, NUL is U+FFFD (CommonMark 2.1 and 2.3), and a byte order mark is dropped."""
    text = state.src.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    state.src = text.replace("\0", "\ufffd")


def heading_attributes(state: StateCore) -> None:
    """`# Text {#id .class}`: the attributes move from the text to the heading."""
    if "{" not in state.src:
        return
    for token, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if token.type == "heading_open" and (found := ATTRIBUTES.search(inline.content)):
            names = found[1].split()
            inline.content = mdTrim(inline.content[: found.start()])
            if ids := [name[1:] for name in names if name.startswith("#")]:
                token.meta = {EXPLICIT_ID: ids[-1]}
            if classes := [name[1:] for name in names if name.startswith(".")]:
                token.attrs = {"class": " ".join(classes)}


def more_marker(state: StateCore) -> None:
    """`<!--more-->` alone in a paragraph is the marker also where HTML is off."""
    for index, token in enumerate(state.tokens):
        if token.type == "inline" and token.level == 1 and MORE.fullmatch(token.content):
            marker = Token("html_block", "", 0, content=f"{token.content}\n", block=True)
            state.tokens[index - 1 : index + 2] = [marker]


def references(state: StateCore) -> None:
    """Write the URL of each reference definition, once, in the order of their lines."""
    write = state.env[WRITE_REFERENCE]
    for reference in state.env.get("references", {}).values():
        reference["href"] = write(reference["href"], reference["map"][0])


def placed(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """`rule` (of links or images), which then notes where in the text a link that names its URL itself begins."""

    def find(state: StateInline, silent: bool) -> bool:
        start = state.pos
        index = len(state.tokens) + bool(state.pending)
        if not rule(state, silent):
            return False
        if not silent and state.src[state.pos - 1] == ")":
            state.tokens[index].meta = {PLACE: start}
        return True

    return find


def footnote_ref(state: StateInline, silent: bool) -> bool:
    """`[^label]` of a footnote that is defined. The plug-in's own rule is quadratic (20 kB of `[^`: 35 s)."""
    notes = state.env.get("footnotes")
    found = FOOTNOTE.match(state.src, state.pos, state.posMax) if notes else None
    if notes is None or found is None or f":{found[1]}" not in notes["refs"]:
        return False
    if not silent:
        key = f":{found[1]}"
        listed = notes.setdefault("list", {})
        if notes["refs"][key] < 0:
            notes["refs"][key] = len(listed)
            listed[len(listed)] = {"label": found[1], "count": 0}
        number = notes["refs"][key]
        token = state.push("footnote_ref", "", 0)
        token.meta = {"id": number, "subId": listed[number]["count"], "label": found[1]}
        listed[number]["count"] += 1
    state.pos = found.end()
    return True


def table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The stock rule, asked only where the next line may be a delimiter row."""
    mark = state.bMarks[line + 1] + state.tShift[line + 1]
    return state.src[mark : mark + 1] in DELIMITER_ROW and stock_table(state, line, end, silent)


def paragraph(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A paragraph or a setext heading: the stock rules `lheading` and `paragraph`, which read each line twice."""
    del silent  # nothing ends where a paragraph begins, so it is never asked silently
    last, level = _paragraph_end(state, line, end)
    text = mdTrim(state.getLines(line, last, state.blkIndent, False))
    state.line = last + bool(level)
    kind, tag = ("heading", f"h{level}") if level else ("paragraph", "p")
    opening = state.push(f"{kind}_open", tag, 1)
    opening.map = [line, state.line]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = text, [line, last], []
    closing = state.push(f"{kind}_close", tag, -1)
    opening.markup = closing.markup = ("", "=", "-")[level]
    return True


def _paragraph_end(state: StateBlock, line: int, end: int) -> tuple[int, int]:
    """The line after the paragraph's text, and the level of the heading that an underline there makes of it, or 0."""
    terminators = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    following, level = line + 1, 0
    while following < state.lineMax and not state.isEmpty(following):
        indent = state.sCount[following] - state.blkIndent
        if indent <= 3 and not _is_prose(state, following):  # deeper, it goes on whatever it holds
            if following < end and indent >= 0 and (level := _underline(state, following)):
                break
            # a negative count marks a line that the blockquote rule has judged already
            if state.sCount[following] >= 0 and _any(terminators, state, following):
                break
        following += 1
    state.parentType = parent
    return following, level


def _is_prose(state: StateBlock, line: int) -> bool:
    """Whether no rule can match at a line: it begins with a letter, and the next is not the second of a table."""
    if not state.src[state.bMarks[line] + state.tShift[line]].isalpha():
        return False
    mark = state.bMarks[line + 1] + state.tShift[line + 1]
    return state.src[mark : mark + 1] not in DELIMITER_ROW


def _underline(state: StateBlock, line: int) -> int:
    """The level of the heading that `line` underlines, 0 for none."""
    start = state.bMarks[line] + state.tShift[line]
    mark = state.src[start]
    if mark not in "-=" or state.src[start : state.eMarks[line]].strip(" \t").strip(mark):
        return 0
    return 1 if mark == "=" else 2


def _any(rules: list[RuleFuncBlockType], state: StateBlock, line: int) -> bool:
    return any(rule(state, line, state.lineMax, True) for rule in rules)
