"""Colours for code, and what may stand behind the fence."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import STANDARD_TYPES

from engine.rendering.highlight import highlight, highlight_css

PYTHON = 'def f(x):\n    """a\n    b"""\n    return 1  # c\n'


class Reader(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_code_of_a_known_language_has_pygments_classes():
    assert highlight("if x: pass\n", "python") == (
        '<pre><code class="language-python"><span class="k">if</span> x: <span class="k">pass</span>\n</code></pre>\n'
    )


@pytest.mark.parametrize("info", ["", "nosuchlanguage", "text", "   "])
def test_other_code_is_plain(info):
    name = f' class="language-{info.strip()}"' if info.strip() else ""
    assert (
        highlight('a < "b" & c\n', info) == f"<pre><code{name}>a &lt; &quot;b&quot; &amp; c\n</code></pre>\n"
    )


def test_a_title_is_the_caption_of_a_figure():
    assert highlight("x\n", "text title='a & <b>.py'") == (
        '<figure class="code">\n<figcaption>a &amp; &lt;b&gt;.py</figcaption>\n'
        '<pre><code class="language-text">x\n</code></pre>\n</figure>\n'
    )


def marked(info: str, code: str = "1\n2\n3\n4\n5\n") -> list[str]:
    return re.findall(r'<span class="hll">(.*?)\n</span>', highlight(code, info))


@pytest.mark.parametrize(
    ("setting", "lines"),
    [
        ('hl_lines="2 4-5"', "245"),
        ("hl_lines=3", "3"),
        ("hl_lines='1,3'", "13"),
        ('title="x" hl_lines="1"', "1"),
        ('hl_lines="4-99999"', "45"),
        ('hl_lines="0 9 5-2 x -"', ""),
        ('hl_lines=""', ""),
        ("xhl_lines=3", ""),
    ],
)
def test_lines_are_marked(setting, lines):
    assert marked(f"text {setting}") == list(lines)


def test_a_piece_that_goes_over_a_marked_line_is_divided():
    assert (
        '<span class="hll">    <span class="sd">&quot;&quot;&quot;a\n</span></span>'
        '<span class="sd">    b&quot;&quot;&quot;</span>\n'
    ) in highlight(PYTHON, 'python hl_lines="2"')


def test_the_last_line_can_be_marked_without_a_line_end():
    assert highlight("a\nb", "text hl_lines=2").endswith('a\n<span class="hll">b</span></code></pre>\n')


@pytest.mark.parametrize("info", ["python", "python hl_lines=1-9", "PYTHON"])
@pytest.mark.parametrize(
    "code", ["", "\n", "\n\nx\n\n", "x", "\t x \n", "\ufeffx\n", "x\x0by\n", "x\u2028y\n", "\r\n"]
)
def test_no_character_of_the_code_is_lost(info, code):
    assert read(highlight(code, info)).text == code + "\n"


@given(
    st.text(),
    st.sampled_from(["python", "html", "js", "bash", "diff", "yaml", "toml", "jinja", "console", "sql"]),
)
def test_any_text_in_any_language_is_kept_whole_and_balanced(code, language):
    code = code.replace("\r", "")
    page = read(highlight(code, f"{language} hl_lines=2-3"))
    assert page.text == code + "\n"
    assert page.depth == 0


@pytest.mark.long
@given(st.text(), st.text())
def test_no_info_string_makes_a_tag_or_an_attribute(info, title):
    for line in (info, f'python title="{title}"', f'"><script>{info}', f"x title='\"><script>{title}'"):
        page = read(highlight("a\n", line))
        assert set(page.tags) <= {"pre", "code", "span", "figure", "figcaption"}
        assert page.attributes <= {"class"}


def test_a_block_too_long_to_colour_is_plain():
    assert "<span" not in highlight("if x: pass\n" * 20_000, "python")


def test_pygments_is_imported_at_the_first_known_language_only():
    script = (
        "import sys; from engine.rendering.markdown import Markdown; m = Markdown();"
        "m.render('# a\\n\\n    code\\n\\n```\\nx\\n```\\n', file='a.md'); print('pygments' in sys.modules);"
        "m.render('```python\\nx\\n```\\n', file='a.md'); print('pygments' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


CSS = highlight_css()


def luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read_on_the_block_and_on_marked_lines(scheme):
    light, _, dark = CSS.partition("@media (prefers-color-scheme:dark)")
    sheet = {"light": light, "dark": dark}[scheme]
    grounds = re.findall(r"background:(#\w{6})", sheet)
    colours = re.findall(r"[{;]color:(#\w{6})", sheet)
    assert len(grounds) == 2 and len(colours) > 10
    assert [(c, g) for c in colours for g in grounds if contrast(c, g) < 4.5] == []


def test_every_class_that_is_written_has_a_colour():
    without = {"", "n", "p", "w", "pm", "nx", "esc", "g"}  # they have the colour of the text
    classes = set(re.findall(r"pre code \.(\w+)", CSS))
    assert set(STANDARD_TYPES.values()) - without <= classes
