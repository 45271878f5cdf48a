"""What the fast engine leaves to the default one: what it does not read, or reads otherwise, and the rare rest of it.

A few looks at the Markdown find most. Each is linear in the text, and begins with a character or a text that few pages
hold, which is found at once.
"""

from __future__ import annotations

import re


class Doubt(Exception):
    """The fast engine cannot tell what the default engine would write. It never leaves this room."""


_SPACES = "\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_SPACE = rf"[{_SPACES}]"
_ITEM = r"(?:[*+-]|\d+[.)])"
_PLAIN_FENCE = r"[ ]?[\w+#.-]*+[ ]*+(?:\n|\Z)"

_INDENTED_BELOW = r"[^\n]*(?:\n[ ]{0,3}[^\s>*+\d-][^\n]*)*\n(?:[ ]{4,6}|[ ]{0,3}\t[ ]*)(?:[^\s\w]|\d)"
"""The rest of a line, the lines that go on its paragraph, and one that is indented and may begin a block."""

_MARKS = (
    # a footnote
    ("^", re.compile(r"\[\^")),
    ("~", re.compile(rf"~~~(?!~|{_PLAIN_FENCE})|~\\|\\~", re.ASCII)),
    # a control character by its number
    ("&", re.compile(r"&#(?!0*(?:3[2-9]|[4-9][0-9]|160|8[0-9]{3});)[0-9xX]")),
    # a table whose second line has no bar
    ("|", re.compile(r"\|[^\n|]*+\n[ >]*+:?-+:?[ \t]*+(?:\n|\Z)")),
    # a table whose first line would also begin another block, which the default engine reads as a table
    (
        "|",
        re.compile(
            r"\n(?=[ >\t*+#<`~=\[\d-])(?:[ >\t]*(?:[*+#<`~=\[-]|\d+[.)])|[ ]*>(?![^\n]*\n[ ]*>))[^\n|]*\|[^\n]*"
            r"\n[ \t>]*[|:-][|: \t-]*(?:\n|\Z)"
        ),
    ),
    ("\t", re.compile(r"\t[ ]*(?:\n|\Z)|[|:-]\t|\t#")),
    ("\\", re.compile(r"\\[ \t]+\n")),
    # an escape in a destination
    ("\\", re.compile(r"\]\([^()\n]*\\")),
    ("](<", re.compile(r"\]\(<(?:[ \t]|[^\n<>]*[ \t]>\))")),
    # an odd destination, tag, or address in angle brackets
    (
        "<",
        re.compile(
            r"<(?:!\[|/[A-Za-z][\w-]*+\s*\n"
            r"|(?!https?://[a-z0-9.-]+(?::\d+)?(?:/[\w/.#?=&:;,+~()@!-]*)?>|mailto:[\w.-]+@[\w.-]+>)"
            r"(?i:https?|ftp|mailto):[^\s<>]*>)",
            re.ASCII,
        ),
    ),
    ("\v", re.compile("\v")),
    ("\f", re.compile("\f")),
)
"""A character, and what the fast engine does not read that holds it."""

_LINES = re.compile(
    rf"""\n(?=[ \t]*[>*+\d-])(?![*+-][ ][^\W\d]|\d\d?[.)][ ][^\W\d])(?:  # for most items no more has to be asked
        (?:>[ ]?|{_ITEM}[ ]){{6}}  # blocks in blocks, on one line
      | [ \t>]{{24}}[ \t>]*{_ITEM}[ ]    # and on many
      | [ \t>*+.)\d-]*(?:
            {_ITEM}[ \t]+\[[ xX]\][\s]   # a task
          | >[ \t]*\[![A-Za-z]           # an alert
        )
      | [ >]*{_ITEM}[ \t]*\n             # an item that begins with an empty line
      # a line that goes on a paragraph, or begins a block
      | [ ]{{0,3}}>{_INDENTED_BELOW}
      | (?=[ \d*+.)-]{{5}})[ ]{{0,3}}{_ITEM}[ ]+{_INDENTED_BELOW}
      | [ ]+>[ \t]*\n                   # an empty line of a quotation that may make a list loose
    )""",
    re.VERBOSE,
)
_NESTED = re.compile(r"\[(?:!?\[!?\[|(?<=\]\[)(?:[^\[\]\n]*\[|\s+\]))")
_EDGES = re.compile(rf"[\n|\[][ \t>#*+\d.)-]*{_SPACE}|{_SPACE}[ \t#]*(?:[\n|\]]|\Z)")
_RAW = re.compile(r"<(?!https?://[^\s<>]*>)[A-Za-z/!?]")

_FENCE = re.compile(rf"```(?!`|{_PLAIN_FENCE})[^`\n]*+(?:\n|\Z)", re.ASCII)
_LONG_DESCRIPTION = re.compile(r"!\[(?!(?:[^\[\]\n]|\[[^\[\]\n]*+\])*+\])")
_LINK_AFTER_STAR = re.compile(r"\*\](?<![\w\s*_]\*\])(?<![\w\s*_]\*\*\])")
_RAW_AS_TEXT = re.compile(r"&lt;(?!https?://[^\s<>&]*(?:&amp;[^\s<>&]*)*&gt;)[A-Za-z/!?]")
_LESS_THAN = re.compile(r"&(?:[lL]|#0*60|#[xX]0*3[cC])")
_SPAN_OVER_LINES = re.compile(r"`[^`]*\n[ \t>]")
_SPAN_OVER_TAB = re.compile(r"(?<!`)`{1,2}(?!`)[^`]*\n[ >]*\t")
_INDENTED_SPAN = re.compile(r"<code>(?<!<pre><code>)(?: |[^<]*?(?:  | </code>))")
_ATTRIBUTES = re.compile(r"\}</h[1-6]>")
_ABOUT = re.compile(r"(?<=[ (])~(?=\d)")
_STRUCK = re.compile(r"<del>(?<=[\s>(]<del>)(?=[^\W_])[^<~]*(?<=[^\W_])</del>(?=[\s<.,:;!?)])")


def refuse(source: str) -> None:
    """Raises `Doubt` for a text that only the default engine can read."""
    lines = f"\n{source}"  # a pattern that begins with a line's end is found at once
    for mark, found in _MARKS:
        if mark in source and found.search(lines):
            raise Doubt(f"{mark!r}")
    if _LINES.search(lines):
        raise Doubt("a line")
    if source[-1:] in (" ", "\t"):
        raise Doubt("spaces at the end")
    if "[" in source and _NESTED.search(source):
        raise Doubt("links in links")
    if not source.isascii() and _holds_odd_spaces(source):
        raise Doubt("a space")


def _holds_odd_spaces(source: str) -> bool:
    """Whether spaces beyond ASCII stand at the edge of a text, or may stand in a tag."""
    if not any(map(source.__contains__, _SPACES)):
        return False
    return _EDGES.search(f"\n{source}") is not None or "]:" in source or may_hold_html(source)


def refuse_html(html: str, source: str) -> None:
    """Raises `Doubt` where what came of a text shows that the default engine may have read it otherwise."""
    if "`" in source and _SPAN_OVER_LINES.search(source) and _changes_spaces(html, source):
        raise Doubt("a code span on two lines")
    if "]" in html and "](" in html and "](" in without_code(html):
        raise Doubt("what may be a link")
    if "*" in html and _LINK_AFTER_STAR.search(source):
        raise Doubt("emphasis at the end of a link's text")
    if "{" in source and _ATTRIBUTES.search(html):
        raise Doubt("attributes of a heading")
    if "~" in source:
        struck = html.count("<del>")
        if struck != len(_STRUCK.findall(html)) or _loose_tildes(html) > 1:
            raise Doubt("tildes")
    if source[-1:] != "\n" and _ends_in_code(html):
        raise Doubt("no end of the last line")


def refuse_code(source: str) -> None:
    """Raises `Doubt` for a text whose blocks of code say more than their language."""
    if "`" in source and _FENCE.search(source):
        raise Doubt("a fence that says more than a language")


def refuse_images(source: str) -> None:
    """Raises `Doubt` for a text with a description of an image that the default engine keeps on several lines."""
    if _LONG_DESCRIPTION.search(source):
        raise Doubt("an image's description on several lines")


def _changes_spaces(html: str, source: str) -> bool:
    """Whether a code span that goes over several lines may have spaces that the default engine drops, or keeps."""
    return _INDENTED_SPAN.search(html) is not None or ("\t" in source and bool(_SPAN_OVER_TAB.search(source)))


def _loose_tildes(html: str) -> int:
    """The number of tildes that may begin or end something; one before a number, as in ~10, cannot."""
    text = without_code(html)
    return text.count("~") - len(_ABOUT.findall(text))


def _ends_in_code(html: str) -> bool:
    return not html.endswith("</p>\n") and ("<pre>" in html or "<!--" in html)


def may_hold_html(source: str) -> bool:
    """Whether raw HTML may stand in a text. It may also be in code."""
    return "<" in source and _RAW.search(source) is not None


def is_all_text(source: str, html: str) -> bool:
    """Whether all that looks like raw HTML in a text is text in the HTML made of it, as what is in code."""
    if "<\\" in source or "<&" in source or ("&" in source and _LESS_THAN.search(source)):
        return False
    return len(_RAW.findall(source)) == len(_RAW_AS_TEXT.findall(html))


def without_code(html: str) -> str:
    """The text of some HTML that holds no raw HTML, without what is code."""
    return "".join([part.partition(">")[2] for part in html.split("<") if not part.startswith("code")])
