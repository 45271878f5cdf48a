"""Colours for code. The only import of Pygments, made at the first block that has a known language."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from engine.rendering.escape import escape

if TYPE_CHECKING:
    from pygments.lexer import Lexer

INFO_WORD = re.compile(r"[\t\n\v\f\r \u00a0]+")
SETTING = re.compile(r"""(?:^|\s)(title|hl_lines)=(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
WHOLE_LINE = re.compile(r"[^\n]*\n|[^\n]+")
LINES = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
LONGEST_COLOURED = 200_000  # characters; some lexers need seconds for more
LONGEST_KEPT = 10_000  # characters of a block whose result is kept
PLAIN_CLASSES = frozenset({"", "n", "p", "w"})  # names, punctuation, space: they have the colour of the text

_lexing = threading.Lock()  # some lexers keep the state of a run on themselves


def highlight(code: str, info: str = "") -> str:
    """The HTML of a fenced block; `info` is the fence's info string, without character references and escapes.

    Its first word is the language, by Pygments' names; a language that is not known gives plain text. `title="x.py"`
    puts the block into a figure with that caption, `hl_lines="2 4-5"` marks lines (`<span class="hll">`, from 1).
    """
    language, _, rest = INFO_WORD.sub(" ", info).strip().partition(" ")
    settings = {name: double or single or bare for name, double, single, bare in SETTING.findall(rest)}
    marked = _line_numbers(settings.get("hl_lines", ""), len(WHOLE_LINE.findall(code)))
    colour = _coloured if len(code) <= LONGEST_KEPT else _coloured.__wrapped__
    name = f' class="language-{escape(language)}"' if language else ""
    block = f"<pre><code{name}>{colour(language, code, marked)}</code></pre>\n"
    if title := settings.get("title"):
        return f'<figure class="code">\n<figcaption>{escape(title)}</figcaption>\n{block}</figure>\n'
    return block


def _line_numbers(setting: str, count: int) -> frozenset[int]:
    """`"2 4-5"` → {2, 4, 5}, as far as the block has these lines."""
    numbers: set[int] = set()
    for first, last in LINES.findall(setting):
        numbers.update(range(int(first), min(int(last or first), count) + 1))
    return frozenset(numbers)


@lru_cache(maxsize=2048)
def _coloured(language: str, code: str, marked: frozenset[int]) -> str:
    pieces = _pieces(language, code)
    if not marked:
        return "".join(_span(name, text) for name, text in pieces)
    lines = enumerate(_lines(pieces), 1)
    return "".join(f'<span class="hll">{line}</span>' if number in marked else line for number, line in lines)


def _span(name: str, text: str) -> str:
    return f'<span class="{name}">{escape(text)}</span>' if name else escape(text)


def _lines(pieces: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The HTML of each line; a piece that goes over several lines is divided."""
    line: list[str] = []
    for name, text in pieces:
        for part in WHOLE_LINE.findall(text):
            line.append(_span(name, part))
            if part.endswith("\n"):
                yield "".join(line)
                line.clear()
    if line:
        yield "".join(line)


def _pieces(language: str, code: str) -> list[tuple[str, str]]:
    """The code in pieces, each with its class (`""` for none); neighbours of one class are one piece."""
    lexer = _lexer(language.lower()) if language and len(code) <= LONGEST_COLOURED else None
    if lexer is None:
        return [("", code)]
    try:
        with _lexing:
            tokens = list(lexer.get_tokens(code))
    except Exception:  # a lexer that fails on a text must not stop the page: the block stays without colours
        return [("", code)]
    kept = "".join([text for _, text in tokens]) == code  # some lexers drop or change characters
    return _joined(tokens) if kept else [("", code)]


def _joined(tokens: Iterable[tuple[Any, str]]) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    last, parts = "", list[str]()
    for kind, text in tokens:
        name = _class(kind)
        if name != last:
            pieces.append((last, "".join(parts)))
            last, parts = name, []
        parts.append(text)
    return [*pieces, (last, "".join(parts))]


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415  Pygments costs 20 ms, and many sites show no code
    from pygments.util import ClassNotFound  # noqa: PLC0415

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@cache
def _class(kind: Any) -> str:
    """The short class that Pygments' style sheets have for a kind of token, or for the kind above it."""
    from pygments.token import STANDARD_TYPES  # noqa: PLC0415

    while kind not in STANDARD_TYPES:
        kind = kind.parent
    name = STANDARD_TYPES[kind]
    return "" if name in PLAIN_CLASSES else name


class _Role(NamedTuple):
    """What a group of Pygments' classes means, and its colours, which have a contrast of 4.5:1 and more."""

    classes: str
    light: str
    dark: str
    style: str = ""


_ROLES = (
    _Role("c ch cm cpf c1 cs", "#5c6470", "#9aa4b2", "font-style:italic"),
    _Role("k kc kd kn kp kr ow", "#9a1f6e", "#f29ac8"),
    _Role("s sa sb sc dl sd s2 se sh si sx sr s1 ss", "#1d6a34", "#8fd19e"),
    _Role("l ld m mb mf mh mi mo il kt no", "#8a4500", "#f0b37e"),
    _Role("nf fm nd", "#1d4fa8", "#8ab8ff"),
    _Role("nc nn ne nb bp ni", "#6a3ab2", "#c7a6f7"),
    _Role("nt na py nv vc vg vi vm nl", "#0e6470", "#76cfd8"),
    _Role("cp gp gt", "#6b5200", "#d9c27a"),
    _Role("o go x", "#1f2530", "#dde2ea"),
    _Role("gi", "#1d6a34", "#8fd19e"),
    _Role("gd gr err", "#b0221f", "#ff9a94"),
    _Role("gh gu gs ges", "#1f2530", "#dde2ea", "font-weight:bold"),
    _Role("ge", "#1f2530", "#dde2ea", "font-style:italic"),
)
_TEXT = _Role("", "#1f2530", "#dde2ea")
_BLOCK = _Role("", "#f5f6f8", "#171b22")
_MARKED = _Role("", "#fff2c2", "#3b3620")


def highlight_css() -> str:
    """The style sheet of coloured code: light, and dark where the visitor's system is. The same at every call."""
    dark = "".join(f"  {rule}\n" for rule in _rules("dark"))
    return "\n".join(
        [
            ":where(pre code .hll){display:block}",
            *(f"{_selector(role)}{{{role.style}}}" for role in _ROLES if role.style),
            *_rules("light"),
            f"@media (prefers-color-scheme:dark){{\n{dark}}}\n",
        ]
    )


def _rules(scheme: Literal["light", "dark"]) -> list[str]:
    """The rules that give colours."""
    block, text, marked = (getattr(role, scheme) for role in (_BLOCK, _TEXT, _MARKED))
    # :where() counts for nothing, so a theme's own colours of `pre` win wherever this sheet stands
    ground = [
        f":where(pre){{background:{block};color:{text}}}",
        f":where(pre code .hll){{background:{marked}}}",
    ]
    return ground + [f"{_selector(role)}{{color:{getattr(role, scheme)}}}" for role in _ROLES]


def _selector(role: _Role) -> str:
    return ",".join(f"pre code .{name}" for name in role.classes.split())
