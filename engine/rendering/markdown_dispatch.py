"""Runs of markdown-it's rules, asked only where they can match. The output is that of the stock loops.

The stock parser asks every rule at every character and every line. A rule begins at a few characters, so a table
from the first character to the rules that may begin there gives the same tokens in half the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.parser_inline import ParserInline, RuleFuncInlineType
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from engine.rendering.markdown_plain import PIECES, PLAIN, Piece, plain_tokens, read_plain
from engine.rendering.markdown_state import QuickToken

INLINE_STARTS = {
    "newline": "\n",
    "escape": "\\",
    "backticks": "`",
    "strikethrough": "~",
    "emphasis": "*_",
    "link": "[",
    "image": "!",
    "footnote_ref": "[",
    "autolink": "<",
    "html_inline": "<",
    "entity": "&",
    "autolink_scheme": ":",
    "autolink_email": "@_",
    "autolink_www": "w",
}
"""The characters at which an inline rule may begin. A rule that is not listed here cannot be enabled."""

BLOCK_STARTS = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "reference": "[",
    "footnote_def": "[",
    "html_block": "<",
    "heading": "#",
}
"""The first characters (after the indentation) of a block's line. A rule that is not listed is always asked."""

LABEL_END = "]"
DELIMITER = re.compile(r"[*_~]")


class DispatchInline(ParserInline):
    """The inline parser of `stock`, with its rules in a table by first character."""

    def __init__(self, stock: ParserInline) -> None:
        super().__init__()
        self.ruler, self.ruler2 = stock.ruler, stock.ruler2
        named = zip(stock.ruler.get_active_rules(), stock.ruler.getRules(""), strict=True)
        rules = [(name, rule) for name, rule in named if name != "text"]
        self._rules_at = _by_start([(INLINE_STARTS[name], rule) for name, rule in rules])
        stops = "".join(self._rules_at) + LABEL_END
        self.terminator_re = re.compile(f"[{re.escape(stops)}]")
        self._rules_at.setdefault(LABEL_END, ())
        self._stops_at_www = any(name == "autolink_www" for name, _ in rules)

    def plain(self, src: str, md: MarkdownIt) -> list[Piece] | None:
        """The pieces of a plain text; `None` for one that only rules can read."""
        return None if self._stops_at_www else read_plain(src, md)

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Append the tokens of `src` to `tokens`; text without any mark is one token."""
        if self.terminator_re.search(src) is None:
            if src:
                tokens.append(Token("text", "", 0, content=src))
            return tokens
        if (plain := self.plain(src, md)) is not None:
            tokens += plain_tokens(plain)
            return tokens
        return self.by_rules(src, md, env, tokens)

    def by_rules(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Append the tokens of a text that is not plain."""
        state = StateInline(src, md, env, tokens)
        self.tokenize(state)
        if DELIMITER.search(src):
            for rule in self.ruler2.getRules(""):
                rule(state)
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        """Append the tokens of `state.src[state.pos:state.posMax]`."""
        src, end, pos = state.src, state.posMax, state.pos
        rules_at, stop = self._rules_at, self.terminator_re.search
        allowed = state.level < state.md.options["maxNesting"]
        while pos < end:
            rules = rules_at.get(src[pos])
            if rules is None:
                mark = stop(src, pos, end)
                state.pos = mark.start() if mark else end
                state.append_pending(src[pos : state.pos])
            elif not (allowed and _first(rules, state, False)):
                state.append_pending(src[pos])
                state.pos = pos + 1
            pos = state.pos
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:
        """Move `state.pos` behind the token that begins there, without making it."""
        pos = state.pos
        known = state.cache.get(pos)
        if known is not None:
            state.pos = known
            return
        rules = self._rules_at.get(state.src[pos])
        if state.level >= state.md.options["maxNesting"]:
            state.pos = state.posMax + 1
        elif rules is None:
            mark = self.terminator_re.search(state.src, pos)
            state.pos = mark.start() if mark else state.posMax
        else:
            state.level += 1
            found = _first(rules, state, True)
            state.level -= 1
            if not found:
                state.pos = pos + 1
        state.cache[pos] = state.pos


def inline(state: StateCore) -> None:
    """Read the texts of all blocks. Those that are plain stay in pieces, but for headings and links into the document,
    whose tokens are looked into."""
    reader = state.md.inline
    assert isinstance(reader, DispatchInline)
    previous = None
    for token in state.tokens:
        if token.type == "inline":
            token.children = []
            plain = reader.plain(token.content, state.md)
            if plain is None:
                reader.by_rules(token.content, state.md, state.env, token.children)
            elif previous == "heading_open" or any(url.startswith("#") for _, _, url, _ in plain):
                token.children += plain_tokens(plain)
            else:
                token.children.append(QuickToken(PLAIN, "", 0, meta={PIECES: plain}))
        previous = token.type


class DispatchRuler(Ruler[RuleFuncBlockType]):
    """The block rules of `stock`, each chain as one rule that asks by the first character of the line."""

    def __init__(self, stock: Ruler[RuleFuncBlockType]) -> None:
        super().__init__()
        self.__rules__ = stock.__rules__
        enabled = [rule for rule in stock.__rules__ if rule.enabled]
        names = {"", *(name for rule in enabled for name in rule.alt)}
        self._chains = {
            name: [_chain((rule.name, rule.fn) for rule in enabled if not name or name in rule.alt)]
            for name in names
        }

    def getRules(self, chainName: str = "") -> list[RuleFuncBlockType]:
        """The rules of a chain: one, or none for a chain that no rule is in."""
        return self._chains.get(chainName, [])


def _chain(rules: Iterable[tuple[str, RuleFuncBlockType]]) -> RuleFuncBlockType:
    listed = list(rules)
    marks = "".join(dict.fromkeys("".join(BLOCK_STARTS.values())))
    everywhere = tuple(rule for name, rule in listed if name not in BLOCK_STARTS)
    rules_at = {
        mark: tuple(rule for name, rule in listed if mark in BLOCK_STARTS.get(name, marks)) for mark in marks
    }

    def ask(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        mark = state.bMarks[line] + state.tShift[line]
        for rule in rules_at.get(state.src[mark : mark + 1], everywhere):  # noqa: SIM110  any() costs half a rule
            if rule(state, line, end, silent):
                return True
        return False

    return ask


def _by_start(rules: list[tuple[str, RuleFuncInlineType]]) -> dict[str, tuple[RuleFuncInlineType, ...]]:
    starts = dict.fromkeys("".join(starts for starts, _ in rules))
    return {start: tuple(rule for starts, rule in rules if start in starts) for start in starts}


def _first(rules: tuple[Callable[[StateInline, bool], bool], ...], state: StateInline, silent: bool) -> bool:
    """Whether one of `rules` matches at `state.pos` (it has then moved it)."""
    for rule in rules:  # noqa: SIM110  any() costs half a rule
        if rule(state, silent):
            return True
    return False
