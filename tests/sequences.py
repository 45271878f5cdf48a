"""Random sites, and random sequences of edits: after each, an incremental freeze is compared with a clean one.

A site is one variant of each of the files in `FILES`, or none of them; an edit mostly takes another variant of one. So
the table says what sites are made of: there is something in it for each kind of thing that a page can depend on.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.freeze.target import Report
from freeze_tools import TAMPERED, Bench

ENVIRONMENT = ("BENCH_WORD", "BENCH_OTHER")
EXAMPLE = Path(__file__).parents[1] / "sites" / "example"
PRIVATE = {".engine", "dist", "deploy", "__pycache__"}

Variants = tuple[str, ...]
SETTINGS = '[freeze]\nhybrid = true\n[app]\ncolour = "{}"\n'


def post(title: str, date: str, tags: str, body: str, more: str = "") -> str:
    """The text of a post."""
    return f"---\ntitle: {title}\ndate: {date}\ntags: {tags}\n{more}---\n{body}\n"


def handler(body: str, head: str = "") -> str:
    """The text of a page of Python whose `get()` returns an expression."""
    return f"{head}\n\ndef get():\n    return {body}\n"


FILES: dict[str, Variants] = {
    "site.toml": (
        'title = "T"\n' + SETTINGS.format("red"),
        'title = "T"\n' + SETTINGS.format("blue"),
        'title = "U"\nauthor = "Ann"\n' + SETTINGS.format("red"),
        'title = "T"\nslash = "never"\n' + SETTINGS.format("red"),
        'title = "T"\nbase_url = "https://example.org/x"\n' + SETTINGS.format("red"),
        'title = "T"\nignore = ["two.*"]\n[markdown]\nhighlight = false\n' + SETTINGS.format("red"),
        'title = "T"\ndrafts = true\n[redirects]\n"/old/" = "/about/"\n' + SETTINGS.format("red"),
    ),
    "app.py": (
        "def setup(app):\n    app.template_filter()(loud)\ndef loud(text):\n    return str(text).upper()\n",
        "def setup(app):\n    app.template_filter()(loud)\ndef loud(text):\n    return str(text).title()\n",
        "from words import HELLO\ndef setup(app):\n    app.template_filter()(loud)\n"
        "def loud(text):\n    return HELLO + str(text)\n",
        "import os\ndef setup(app):\n    app.add_names({'x': os.environ.get('BENCH_WORD', 'none')})\n",
        "from words import HELLO\ndef setup(app):\n    app.on_render(greeted)\n    app.context_processor(said)\n"
        "def greeted(html, page):\n    return html.replace('Who', HELLO + 'who')\n"
        "def said():\n    return {'x': HELLO}\n",
        "from engine import Response\ndef setup(app):\n    app.mount('/old', mounted)\n"
        "def mounted(environ, start):\n    return Response(environ['PATH_INFO'])(environ, start)\n",
    ),
    "pages/_layout.html": (
        "{{ content }}",
        "<title>{{ page.title }} {{ site.title }}</title>{{ content }}{{ x }}{% include 'nav.html' %}",
        "{% include '_foot.html' ignore missing %}{{ content }}"
        "{% if page.next %}<a href='{{ page.next.url }}'>{{ page.next.title }}</a>{% endif %}",
        "{% for p in pages.under('/blog').sort('-date')[:2] %}<a href='{{ p.url }}'>{{ p.title }}</a>{% endfor %}"
        "{{ content }}{{ page.meta.colour }}",
        "{% for it in page.toc %}<a href='#{{ it.id }}'>{{ it.html }}</a>{% endfor %}{{ content }}",
        "<p>{{ page.words }} words: {{ page.summary }}</p>{{ content|upper }}",
    ),
    "pages/_data.yaml": ("colour: red\n", "colour: blue\n", "tags: [c]\n", "trust: untrusted\n"),
    "pages/_foot.html": ("<footer>1</footer>", "<footer>{{ data.nav }}</footer>"),
    "pages/_hooks.py": (
        "def context():\n    return {'x': 1}\n",
        "def context():\n    return {'x': 2}\n",
        "from words import HELLO\ndef context():\n    return {'x': HELLO}\n",
        "def after_request(response):\n    response.set_data(response.get_data() + b'!')\n    return response\n",
        "from engine import errorhandler\nfrom words import HELLO\n@errorhandler(ZeroDivisionError)\n"
        "def nothing(error):\n    return HELLO\n@errorhandler(410)\ndef gone(error):\n    return HELLO + 'gone', 410\n",
        "def url_defaults(id, params):\n    params.setdefault('who', 'ann')\n",
    ),
    "pages/404.md": ("# Gone\n", "# Not here\n"),
    "pages/index.md": (
        "# Home\n\n[About](about.md)\n",
        "# Home\n\n[one](blog/one.md) [x](/about/)\n",
        "# Home\n\nAbout <b>us</b>.\n\n## Here\n\n### [There](blog/two.md)\n\n```python\nx = 1\n```\n",
        "Hello\n",
    ),
    "pages/about.md": (
        "---\ntitle: About\n---\nWho\n",
        "---\ntitle: About us\n---\nWho <b>we</b> are\n",
        "Who\n",
    ),
    "pages/either.md": ("Either\n",),
    "pages/either.html": ("<p>Either</p>",),
    "pages/either.py": (handler("'either'"),),
    "pages/blog/_layout.html": ("<b>{{ content }}</b>", "{% extends parent_layout %}"),
    "pages/blog/_data.yaml": ("tags: [b]\n", "draft: true\n", "layout: false\n"),
    "pages/blog/_hooks.py": (
        "def context():\n    return {'x': 3}\n",
        "def before_request():\n    return 'stop'\n",
    ),
    "pages/blog/_schema.py": (
        "from dataclasses import dataclass\n@dataclass\nclass Post:\n    title: str = ''\n    weight: int = 3\n",
        "import os\nfrom dataclasses import dataclass\n@dataclass\nclass Post:\n    title: str = ''\n"
        "    def __post_init__(self):\n        if os.environ.get('BENCH_WORD') == 'one':\n"
        "            raise ValueError('not now')\n",
    ),
    "pages/blog/404.md": ("# No such post\n",),
    "pages/blog/one.md": (
        post("One", "2026-01-01", "[a]", "One."),
        post("One", "2026-01-01", "[a]", "One <i>and</i> more."),
        post("First", "2026-01-05", "[a, b]", "One.", "aliases: [/first/]\n"),
    ),
    "pages/blog/two.md": (
        post("Two", "2026-01-02", "[b]", "See [one](one.md)."),
        post("Two", "2026-01-02", "[]", "See [one](one)."),
        post("Two", "2026-01-09", "[b]", "See [it](./gone.md).", "draft: true\n"),
        post("Two", "2026-01-02", "[b]", "{{ x }} {{ pages | length }}", "jinja: true\n"),
    ),
    "pages/blog/three.md": (
        post("Three", "2026-01-03", "[c]", "Three."),
        post("Z", "2026-01-03", "[c]", "Three."),
    ),
    "pages/blog/pic.svg": (
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "<svg xmlns='http://www.w3.org/2000/svg'> </svg>",
    ),
    "static/style.css": ("p { top: 0 }", "p { top: 1px }"),
    "static/blog/pic.svg": ("<svg/>",),
    "static/deep/er/pic.svg": ("<svg/>", "<svg> </svg>"),
    "static/deep/er/style.css": ("p { background: url(pic.svg) }",),
    "pages/deep/_hooks.py": (
        "def before_request():\n    return 'stop'\n",
        "def after_request(response):\n    response.headers['X-Deep'] = '1'\n    return response\n",
    ),
    "pages/deep/404.md": ("# Not in the deep\n",),
    "pages/deep/er/index.html": ("<img src='pic.svg'>", "{{ '*deep* [x](y)'|markdown }}{{ pages[0].words }}"),
    "pages/docs/[...path].py": (
        handler("path if path in ('a', 'a/b') else abort(404)", "from engine import abort").replace(
            "get()", "get(path)"
        ),
        "def static_params():\n    return ['a', 'c/d']\ndef get(path):\n    return path\n",
        "from engine import pages\ndef static_params():\n    return ['p' + page.title.lower() for page in pages]\n"
        "def get(path):\n    return path\n",
    ),
    "pages/docs/links.html": (
        "<a href='/docs/a/'>a</a>",
        "<a href='/docs/a/b/'>b</a><a href='/docs/c/'>c</a>",
    ),
    "pages/old/index.md": ("Old\n",),
    "pages/blog/[slug].html": ("{{ params.slug }}",),
    "pages/blog/more.html": ("<a href='one/'>1</a> <a href='two/'>2</a> <a href='../old/'>old</a>",),
    "pages/t/_layout.html": (
        "<u>{{ content }}</u>",
        "{% extends parent_layout %}{% block x %}{% endblock %}",
    ),
    "pages/t/gone.html.py": (handler("abort(410)", "from engine import abort"),),
    "pages/t/410.md": ("# It was here\n",),
    "pages/t/shown.py": (
        handler("render_template('nav.html', page={'url': 'u'})", "from engine import render_template"),
        handler(
            "render_template_string('{{ x }}{{ data.nav }}')", "from engine import render_template_string"
        ),
        handler("render_block('blocks.html', 'one')", "from engine import render_block"),
    ),
    "templates/blocks.html": (
        "{% block one %}1{% endblock %}2",
        "{% block one %}{{ site.title }}{% endblock %}",
    ),
    "pages/t/where.txt.py": (
        handler("url_for('/people/[who]') + url_for('/about', q=1)", "from engine import url_for"),
    ),
    "templates/nav.html": (
        "<nav>{% for name in data.nav or [] %}{{ name }}{% endfor %}</nav>",
        "{% from 'macros.html' import item %}<nav>{{ item(data.nav.home) }}</nav>",
        "<nav>{{ page.url }}</nav>",
    ),
    "templates/macros.html": (
        "{% macro item(x) %}<i>{{ x }}</i>{% endmacro %}",
        "{% macro item(x) %}{{ x }}{% endmacro %}",
    ),
    "templates/_foot.html": ("<footer>of all</footer>",),
    "data/nav.yaml": ("home: Home\n", "home: House\n", "{}\n"),
    "data/people.yaml": ("ann: Ann\nbob: Bob\n", "ann: Anna\nbob: Bob\n", "ann: Ann\neve: Eve\n"),
    "data/more.csv": ("a,b\n1,2\n",),
    "data/deep/er.json": ('{"a": 1}', '{"a": 2}'),
    "pages/length.html": ("{{ pages | length }} {{ pages.under('/blog') | length }}",),
    "pages/at.html": (
        "{{ pages.sort('title')[0].title }} {{ pages.under('/blog').sort('-date')[0].title }}",
    ),
    "pages/get.html": (
        "{% set p = pages.get('/about/') %}{{ p.title if p }}",
        "{{ pages.get('/blog/one/').title }}",
    ),
    "pages/groups.html": (
        "{% for g in pages.group('tags') %}{{ g.key }} {% endfor %}",
        "{% for tag, members in pages.group('tags') %}{{ tag }}: {{ members | length }} {% endfor %}",
    ),
    "pages/list.html": (
        "{% for p in pages %}{{ p.url }} {{ p.title }} {% endfor %}",
        "{% for p in pages.where(title='One') %}{{ p.url }} {% endfor %}",
    ),
    "pages/feed.xml.jinja": (
        "{% for p in pages.under('/blog') %}<e>{{ p.url }}{{ p.content }}</e>{% endfor %}",
    ),
    "pages/around.html": ("{% for p in pages.under('/blog') %}{{ p.prev.title if p.prev }} {% endfor %}",),
    "pages/names.html": ("{% for name in data %}{{ name }} {% endfor %}", "{{ data.deep.er.a }}"),
    "pages/route.html": (
        "<a href=\"{{ url_for('/about') }}\">a</a>",
        "<a href=\"{{ url_for('/people/[who]', who='ann') }}\">a</a>",
    ),
    "pages/people/[who].py": (
        "from lib import greet\nfrom engine import data\ndef static_params():\n    return data.people.keys()\n"
        "def get(who):\n    return greet(data.people[who])\n",
        "from engine import data\ndef static_params():\n    return ['ann']\ndef get(who):\n    return who\n",
    ),
    "pages/people/ann.md": ("Ann herself.\n",),
    "pages/pair.py": (handler("{'word': 1}"), handler("{'word': HELLO}", "from words import HELLO")),
    "pages/pair.html": ("{{ word }}", "{{ word }} {{ site.title }}"),
    "lib.py": (
        "from words import HELLO\ndef greet(name):\n    return HELLO + name\n",
        "def greet(name):\n    return name\n",
        "def greet(name):\n    from words import HELLO\n    return HELLO + name\n",
    ),
    "words.py": ("HELLO = 'Hello '\n", "HELLO = 'Howdy '\n", "from time import x as HELLO\n"),
    "time.py": ("x = 'later '\n", "x = 'sooner'\n"),
    "colorsys.py": ("x = 1\n", "x = 2\n"),
    "extra.txt": ("extra\n", "other\n", "a text that is longer\n"),
    "extra/a": ("", "a"),
    "extra/b": ("",),
    "memo.py": (
        "from functools import cache\nfrom pathlib import Path\n@cache\ndef text():\n"
        "    file = Path(__file__).with_name('extra.txt')\n    return file.read_text() if file.exists() else ''\n",
    ),
    "pages/t/disk.txt.py": (
        "FILE = __file__.partition('pages')[0] + 'extra.txt'\n\n\n"
        "def get():\n    with open(FILE) as file:\n        return file.read()\n",
    ),
    "pages/t/found.txt.py": (
        handler(
            "FILE.read_text() if FILE.exists() else 'none'",
            "from pathlib import Path\nFILE = Path(__file__).parents[2] / 'extra.txt'",
        ),
    ),
    "pages/t/stat.txt.py": (
        handler(
            "str(os.stat(FILE).st_size)", "import os\nFILE = __file__.partition('pages')[0] + 'extra.txt'"
        ),
    ),
    "pages/t/folder.txt.py": (
        handler(
            "' '.join(sorted(os.listdir(DIR)))", "import os\nDIR = __file__.partition('pages')[0] + 'extra'"
        ),
    ),
    "pages/t/program.txt.py": (
        handler(
            "subprocess.run(['cat', FILE], capture_output=True).stdout.decode()",
            "import subprocess\nFILE = __file__.partition('pages')[0] + 'extra.txt'",
        ),
    ),
    "pages/t/memo.txt.py": (handler("text()", "from memo import text"),),
    "pages/t/memo2.txt.py": ("def get():\n    from memo import text\n    return text()\n",),
    "pages/t/maybe.txt.py": (
        handler("HELLO", "try:\n    from words import HELLO\nexcept ImportError:\n    HELLO = 'none'"),
    ),
    "pages/t/sizes.txt.py": (
        handler(
            "' '.join(sorted(f'{it.name} {it.stat().st_size}' for it in os.scandir(DIR)))",
            "import os\nDIR = __file__.partition('pages')[0] + 'extra'",
        ),
    ),
    "pages/t/lazy.txt.py": ("def get():\n    from words import HELLO\n    return HELLO\n",),
    "pages/t/shadow.txt.py": (handler("str(hasattr(colorsys, 'x'))", "import colorsys"),),
    "pages/t/word.txt.py": (handler("os.environ.get('BENCH_WORD', 'none')", "import os"),),
    "pages/t/words.txt.py": (
        handler("' '.join(sorted(n for n in os.environ if 'BENCH' in n))", "import os"),
    ),
    "pages/t/settings.txt.py": (
        handler("current_app.config.app['colour']", "from engine import current_app"),
    ),
    "pages/t/site.txt.py": (
        handler("' '.join(page.title for page in current_app.site.pages)", "from engine import current_app"),
        handler("' '.join(file.path for file in current_app.site.files)", "from engine import current_app"),
    ),
    "pages/t/redirect.py": (handler("redirect('/about/')", "from engine import redirect"),),
    "pages/t/fails.txt.py": (handler("str(1 / len(HELLO.strip('H')))", "from words import HELLO"),),
}
"""The files of random sites, each with what may stand in it."""

FEW, MANY = 6, 30
"""How many of the files a random site begins with."""


def random_site(chance: random.Random, bench: Bench) -> None:
    """Write a site of some of the files, which may all lie beside its pages."""
    (bench.root / "pages").mkdir(parents=True)
    bench.write("site.toml", FILES["site.toml"][0])
    for name in chance.sample(sorted(FILES), chance.randint(FEW, MANY)):
        bench.write(name, chance.choice(FILES[name]))


def _other_variant(chance: random.Random, bench: Bench) -> None:
    """Give one of the files another variant, or take it away. Mostly one that is there."""
    there = [name for name in FILES if (bench.root / name).is_file()]
    name = chance.choice(there if there and chance.random() < 0.6 else sorted(FILES))
    file = bench.root / name
    if file.is_file() and chance.random() < 0.3 and name != "site.toml":
        file.unlink()
    elif not any(parent.is_file() for parent in file.parents):
        bench.write(name, chance.choice(FILES[name]))


def _anything(chance: random.Random, bench: Bench) -> Path | None:
    """A file of the site."""
    found = [path for path in sorted(bench.root.rglob("*")) if path.is_file() and not PRIVATE & {*path.parts}]
    return chance.choice(found) if found else None


def _rename(chance: random.Random, bench: Bench) -> None:
    file = _anything(chance, bench)
    if file and file.name != "site.toml":
        file.rename(file.with_name(chance.choice("uvw") + "".join(file.suffixes)))


def _move(chance: random.Random, bench: Bench) -> None:
    """Rename a directory."""
    pairs = [
        ("pages/blog", "pages/news"),
        ("data/deep", "data/low"),
        ("pages/t", "pages/(t)"),
        ("extra", "surplus"),
    ]
    pair = list(chance.choice(pairs))
    chance.shuffle(pair)
    if (bench.root / pair[0]).is_dir() and not (bench.root / pair[1]).exists():
        (bench.root / pair[0]).rename(bench.root / pair[1])


def _remove(chance: random.Random, bench: Bench) -> None:
    file = _anything(chance, bench)
    if file and file.name != "site.toml":
        file.unlink()


def _append(chance: random.Random, bench: Bench) -> None:
    file = _anything(chance, bench)
    if file and file.suffix in (".md", ".html", ".txt", ".svg", ".css"):
        file.write_text(file.read_text() + chance.choice(("more\n", "**bold**\n", "{{ x }}\n")))


def _touch(chance: random.Random, bench: Bench) -> None:
    """Change the time of a file alone."""
    if file := _anything(chance, bench):
        when = chance.choice((0, 10**9, 2 * 10**9, 2**33))
        os.utime(file, (when, when))


def _same_time(chance: random.Random, bench: Bench) -> None:
    """Another text of the same length, under the time of the old one."""
    file = _anything(chance, bench)
    if file and file.suffix in (".md", ".py", ".html", ".yaml", ".txt"):
        before, text = file.stat(), file.read_text()
        old, new = chance.choice(
            (("One", "Uno"), ("Hello", "Hullo"), ("Home", "Hemo"), ("2026-01", "2025-01"))
        )
        file.write_text(text.replace(old, new))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _environment(chance: random.Random, bench: Bench) -> None:
    name = chance.choice(ENVIRONMENT)
    if name in os.environ and chance.random() < 0.4:
        del os.environ[name]
    else:
        os.environ[name] = chance.choice(("one", "two"))


def _tamper(chance: random.Random, bench: Bench) -> None:
    """Change or remove a file that was published."""
    pages = [path for path in sorted(bench.output.rglob("*.html")) if path.is_file()]
    if pages:
        page = chance.choice(pages)
        page.unlink()
        if chance.random() < 0.5:
            page.write_bytes(TAMPERED)


def _forget(chance: random.Random, bench: Bench) -> None:
    shutil.rmtree(bench.root / ".engine", ignore_errors=True)


Edit = Callable[[random.Random, Bench], None]
EDITS: dict[Edit, int] = {
    _other_variant: 60,
    _append: 10,
    _rename: 8,
    _remove: 6,
    _move: 4,
    _environment: 4,
    _same_time: 4,
    _touch: 3,
    _tamper: 2,
    _forget: 1,
}
"""Edits with their weights."""


def edit(chance: random.Random, bench: Bench) -> None:
    """Make one random edit, now and then two before the next freeze."""
    for made in chance.choices(list(EDITS), list(EDITS.values()), k=chance.choice((1, 1, 1, 2))):
        made(chance, bench)


def example(bench: Bench) -> None:
    """Write the site that comes with the engine."""
    shutil.copytree(EXAMPLE, bench.root, ignore=shutil.ignore_patterns(*PRIVATE), dirs_exist_ok=True)


def sequence(seed: int, root: Path, steps: int = 10, *, on_example: bool = False) -> Iterator[Report]:
    """The reports of the incremental freezes of one sequence, each compared with a clean freeze.

    Raises `AssertionError` where the two differ. The environment is as it was afterwards.
    """
    chance = random.Random(seed)
    bench = Bench(root, jobs=seed % 4 == 0)  # where there are workers, half of the time goes to begin them
    before = {name: os.environ.pop(name) for name in ENVIRONMENT if name in os.environ}
    try:
        if on_example:
            example(bench)
        else:
            random_site(chance, bench)
        bench.freeze()
        for _ in range(steps):
            edit(chance, bench)
            bench.surveyed = chance.random() < 0.1
            yield bench.agrees()[0]
    finally:
        for name in ENVIRONMENT:
            os.environ.pop(name, None)
        os.environ.update(before)
