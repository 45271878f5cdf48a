"""Random sites without faults whose texts are edited, and a freeze after each edit that is compared with a clean one.

The sites of `sequences.py` have nearly always a fault somewhere, and a freeze with one looks at the whole site. Here
most edits change nothing but texts, so that the shorter ways of a freeze are taken.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.freeze.target import Report
from freeze_tools import TAMPERED, Bench
from sequences import handler

WORDS = (
    "alder",
    "birch",
    "cedar",
    "elm",
    "fir",
    "hazel",
    "larch",
    "maple",
    "*oak*",
    "`pine`",
    "**rowan**",
    "yew",
)
NAMES = tuple("abcdefgh")
SITE = "from engine import current_app"
C = "current_app.site.pages.get('/c/')"

ALWAYS = {
    "site.toml": 'title = "T"\n',
    "pages/_layout.html": "<h1>{{ page.title }}</h1>{{ content }}{{ page.prev.title }}",
    "pages/index.html": "{% for page in pages.under('/') %}<a href='{{ page.url }}'>{{ page.title }}</a>{% endfor %}",
}
SOMETIMES = {
    "pages/_layout.html": "{% for it in page.toc %}{{ it.id }} {% endfor %}{{ page.summary }}{{ content }}",
    "pages/shows.html": "{{ pages.get('/c/').content if pages.get('/c/') }}",
    "pages/words.html": "{% for page in pages.where(layout=none).sort('title')[:3] %}{{ page.title }} {% endfor %}",
    "pages/list.txt.jinja": "{% for page in pages if '/w' not in page.path %}{{ page.path }}{% endfor %}",
    "pages/c.py": "def get():\n    return {}\n",
    "pages/raw.txt.py": handler(
        "path.read_text()", "from pathlib import Path\npath = Path(__file__).with_name('b.md')"
    ),
    "pages/read.txt.py": handler(f"str({C}.content) if {C} else ''", SITE),
    "pages/memory.txt.py": handler(f"SEEN.setdefault('x', str({C}.content))", f"{SITE}\nSEEN = {{}}"),
    "pages/w/[word].py": f"{SITE}\ndef static_params():\n    words = {C}.content.striptags().split()\n"
    "    return [{'word': word} for word in words if word.isalpha()]\ndef get(word):\n    return word\n",
    "pages/j.md": "---\nrender: jinja\ntitle: J\n---\n{{ 1 + 1 }} {{ pages.get('/d/').words }}\n",
    "pages/_hooks.py": "def after_request(response):\n    response.headers['X-A'] = 'b'\n    return response\n",
    "app.py": "def setup(app):\n    app.on_render(lambda html, page: html.replace('fir', 'pine'))\n",
    "pages/404.md": "Not here\n",
    "static/x.css": "p { color: red }\n",
}
"""Files that one site has and another one has not. A layout takes the place of that in `ALWAYS`."""


def body(chance: random.Random) -> str:
    """A random text: mostly words, now and then a heading, a link, code or a template's mark."""
    parts = [" ".join(chance.choices(WORDS, k=chance.randint(1, 9))) for _ in range(chance.randint(1, 4))]
    more = (
        "## Part\n\n",
        "## Other part\n\n",
        "[home](/)\n\n",
        "[d](d.md)\n\n",
        "```python\nx = 1\n```\n\n",
        "<!-- more -->\n\n",
        "{{ x }}\n\n",
    )
    return "".join(chance.choice(more) * (chance.random() < 0.12) + part + "\n\n" for part in parts)


def head(chance: random.Random) -> str:
    """Random front matter; now and then none, so that the title comes from the name or from the text."""
    if chance.random() < 0.2:
        return ""
    more = ("", "", "", "tags: [x]\n", "date: 2026-01-02\n", "aliases: [/old/]\n", "description: D\n")
    return f"---\ntitle: {chance.choice('ABC')}\n{chance.choice(more)}---\n"


def calm_site(chance: random.Random, bench: Bench) -> None:
    for path, text in ALWAYS.items():
        bench.write(path, text)
    for name in NAMES:
        bench.write(f"pages/{name}.md", head(chance).replace("aliases: [/old/]\n", "") + body(chance))
    for path, text in SOMETIMES.items():
        if chance.random() < 0.2:
            bench.write(path, text)


def _reword(chance: random.Random, bench: Bench) -> None:
    """Another body under the same front matter."""
    file = _page(chance, bench)
    text = file.read_text()
    end = text.find("\n---\n", 3) + 5 if text.startswith("---\n") else 0
    file.write_text(text[:end] + body(chance))


def _add_word(chance: random.Random, bench: Bench) -> None:
    file = _page(chance, bench)
    file.write_text(f"{file.read_text()}{chance.choice(WORDS)}\n")


def _behead(chance: random.Random, bench: Bench) -> None:
    """Another front matter over the same body."""
    file = _page(chance, bench)
    text = file.read_text()
    end = text.find("\n---\n", 3) + 5 if text.startswith("---\n") else 0
    file.write_text(head(chance) + text[end:])


def _other(chance: random.Random, bench: Bench) -> None:
    """A file that a site has or has not."""
    path = chance.choice(list(SOMETIMES))
    file = bench.root / path
    if file.exists() and path not in ALWAYS:
        file.unlink()
    else:
        bench.write(path, SOMETIMES[path])


def _tamper(chance: random.Random, bench: Bench) -> None:
    page = chance.choice([path for path in sorted(bench.output.rglob("*.html")) if path.is_file()])
    page.unlink()
    if chance.random() < 0.5:
        page.write_bytes(TAMPERED)


def _touch(chance: random.Random, bench: Bench) -> None:
    _page(chance, bench).touch()


def _page(chance: random.Random, bench: Bench) -> Path:
    return bench.root / f"pages/{chance.choice(NAMES)}.md"


EDITS: dict[Callable[[random.Random, Bench], None], int] = {
    _add_word: 40,
    _reword: 25,
    _behead: 8,
    _other: 6,
    _touch: 6,
    _tamper: 3,
}


def calm_sequence(seed: int, root: Path, steps: int = 10) -> Iterator[Report]:
    """The reports of the incremental freezes of one sequence, each compared with a clean freeze.

    Raises `AssertionError` where the two differ.
    """
    chance = random.Random(seed)
    bench = Bench(root, jobs=seed % 4 == 0, surveyed=True)
    calm_site(chance, bench)
    bench.freeze()
    for _ in range(steps):
        for made in chance.choices(list(EDITS), list(EDITS.values()), k=chance.choice((1, 1, 1, 2))):
            made(chance, bench)
        yield bench.agrees()[0]
