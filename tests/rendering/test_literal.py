"""Code in a Markdown page stays what it is while the rest is a template."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rendering.literal import outside
from engine.rendering.markdown import Markdown

MARKDOWN = Markdown()


def outside_code(text: str, change: Callable[[str], str]) -> str:
    return outside(text, MARKDOWN.code_places(text), change)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("a `b` c", "A `b` C"),
        ("a ``b ` c`` d", "A ``b ` c`` D"),
        ("a ` b", "A ` B"),
        ("a `b\nc` d", "A `b\nc` D"),
        ("a\n```\nb\n```\nc", "A\n```\nb\n```\nC"),
        ("a\n~~~ x\nb\n~~~\nc", "A\n~~~ x\nb\n~~~\nC"),
        ("a\n````\nb\n```\nc\n````\nd", "A\n````\nb\n```\nc\n````\nD"),
        ("a\n```\nb", "A\n```\nb"),
        ("a\n```b``` c", "A\n```b``` C"),
        ("- a\n  ```\n  b\n  ```\n  c", "- A\n  ```\n  b\n  ```\n  C"),
        ("> ```\n> b\n> ```\n\nc", "> ```\n> b\n> ```\n\nC"),
        ("a\n\n    b\n    c\n\nd", "A\n\n    b\n    c\n\nD"),
        ("a\n\n\tb\n\nd", "A\n\n\tb\n\nD"),
        ("    a\n\nb", "    a\n\nB"),
        ("a\n    b", "A\n    B"),
        ("```\na\n```\n\n```\nb\n```\nc `d`", "```\na\n```\n\n```\nb\n```\nC `d`"),
        ("", ""),
        ("- a\n\n    b\n\n        c\n", "- A\n\n    B\n\n        c\n"),
        ("1.  a\n\n    b\n", "1.  A\n\n    B\n"),
        ("- a\n    - b\n\n        c\n", "- A\n    - B\n\n        C\n"),
        ("a `b\n\nc` d", "A `B\n\nC` D"),
        (r"a \`b\` c", r"A \`B\` C"),
        ("a `b\\` c", "A `b\\` C"),
        ("> a `b\n> c` d", "> A `b\n> c` D"),
        ("- a `b\n  c` d", "- A `b\n  c` D"),
        ("a `` ` `` b", "A `` ` `` B"),
        (
            "| a | `b \\| c` |\n|---|---|\n| `d` | e `f` |\n",
            "| A | `b \\| c` |\n|---|---|\n| `d` | E `f` |\n",
        ),
        ("<p>\n`a`\n</p>", "<P>\n`A`\n</P>"),
        ("![a `b`](c)", "![A `b`](C)"),
        ("a[^n]\n\n[^n]: b `c`\n\n        d\n", "A[^N]\n\n[^N]: B `c`\n\n        d\n"),
        ("# a `b`\n\n## c `d`", "# A `b`\n\n## C `d`"),
        ("- [ ] a `b`", "- [ ] A `b`"),
    ],
)
def test_what_is_code(text: str, changed: str) -> None:
    assert outside_code(text, str.upper) == changed


def test_what_is_changed_sees_every_line_where_it_stands() -> None:
    text = "a\n```\n1\n2\n```\nb `c\nd` e\n\n    f\n    g\n\nh\n"
    seen: list[str] = []
    assert outside_code(text, lambda part: seen.append(part) or part) == text  # type: ignore[func-returns-value]
    assert seen[0].count("\n") == text.count("\n")
    assert seen[0][: seen[0].index("h")].count("\n") == text[: text.index("h")].count("\n")


def test_code_may_be_repeated_moved_and_dropped() -> None:
    assert outside_code("a `b`", lambda part: part * 2) == "a `b`a `b`"
    assert outside_code("a `b` `c`", lambda part: part[::1].replace("a ", "")) == "`b` `c`"
    assert outside_code("a `b`", lambda part: "") == ""


pieces = st.sampled_from(
    [
        "`",
        "``",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "    ",
        "\t",
        " ",
        "> ",
        "- ",
        "x",
        "{{ y }}",
        "0",
        "1",
        "\\",
        "*",
        "|",
    ]
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_nothing_is_lost(text: str) -> None:
    assert outside_code(text, lambda part: part) == text


@settings(deadline=None)
@given(st.lists(pieces, max_size=30).map("".join))
def test_what_becomes_code_is_what_is_kept(text: str) -> None:
    assert len(MARKDOWN.code_places(text)) == MARKDOWN.render(text, file="a.md").html.count("<code")
