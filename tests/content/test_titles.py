"""The title that a page has without being rendered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.content.titles import plain, title_of
from engine.rendering.markdown import Markdown


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Plain words", "Plain words"),
        ("The `x_y` function", "The x_y function"),
        ("`` a ` b ``", "a ` b"),
        ("*one* **two** ***three*** _four_ __five__ ~~six~~", "one two three four five six"),
        ("Using json_extract_path in SQL", "Using json_extract_path in SQL"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("[text](url 'title')", "text"),
        ("[a `b_c`](url(1) 'title')", "a b_c"),
        ("\\*not\\* \\_emphasis\\_", "*not* _emphasis_"),
        ("AT&amp;T &copy; &#8211; & &nothing;", "AT&T © – & &nothing;"),  # noqa: RUF001
        ("<b>bold</b> <!-- comment --> text", "bold text"),
        ("<https://example.org/a_b>", "https://example.org/a_b"),
        ("C# and F#", "C# and F#"),
        ("Closed ##", "Closed"),
        ("Named {#id .class}", "Named"),
        ("Braces \\{#kept}", "Braces {#kept}"),
    ],
)
def test_a_heading_at_the_head_of_the_body_is_the_title_without_its_marks(heading: str, title: str) -> None:
    body = f"\n# {heading}\n\ntext\n"
    assert title_of({}, body, "/x/") == title
    assert Markdown().render(body, file="a.md").title == title


def test_references_and_images_are_read_as_their_texts() -> None:
    assert title_of({}, "# [text][ref] and ![image](a.png)", "/x/") == "text and image"


def test_an_underlined_heading_is_one_too() -> None:
    assert title_of({}, "A *heading*\n===\ntext", "/x/") == "A heading"


@pytest.mark.parametrize(
    "body", ["text\n# Later\n", "## Second level\n", "#no space\n", "", "\n\n", "text\n---\n"]
)
def test_without_one_the_title_is_made_of_the_path(body: str) -> None:
    assert title_of({}, body, "/blog/my-first_post/") == "My first post"


@pytest.mark.parametrize(
    ("path", "title"),
    [("/2010-01-09-time-override/", "Time override"), ("/2010-01-09/", "2010 01 09"), ("/", "")],
)
def test_a_date_before_the_name_is_no_part_of_the_title(path: str, title: str) -> None:
    assert title_of({}, "", path) == title


def test_what_the_author_says_comes_first() -> None:
    assert title_of({"title": "Given *so*"}, "# Heading", "/x/") == "Given *so*"


@given(st.text(st.sampled_from("ab `*_[]()<>!\\&;#{}~."), max_size=40))
def test_any_heading_has_a_title(text: str) -> None:
    assert title_of({}, f"# {text}", "/x/") == title_of({}, f"# {text}", "/x/").strip()
    assert "\n" not in plain(text)


@pytest.mark.parametrize("piece", [" ", "`", "` ", "[", "[a](", "{#a ", "_a", "<a ", "#", "&a"])
def test_a_hostile_heading_takes_no_time(piece: str) -> None:
    text = piece * 200_000
    assert len(title_of({}, f"# x{text}y", "/x/")) <= 1000
