"""The least that a Python program can do for the posts: two processes that read, render and write.

No check of anything, no links looked at, no ids of headings, nothing kept for the next build, and front matter that is
read by its few known lines instead of YAML. What a framework takes beyond this is what it does besides.
"""

import json
import os
import sys
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import pyromark
from jinja2 import Environment, FileSystemLoader

PER_PAGE = 20
OUT = Path("public")


class Post(dict):
    """What the templates of Frozen-Flask's site ask of a post."""

    def __init__(self, file: Path) -> None:
        head, self.body = file.read_text().removeprefix("---\n").split("\n---\n", 1)
        said = dict(line.split(": ", 1) for line in head.split("\n"))
        super().__init__(
            title=json.loads(said["title"]),
            date=date.fromisoformat(said["date"]),
            tags=said["tags"][1:-1].split(", "),
            description=json.loads(said["description"]),
        )
        self.section, self.path = file.parent.name, f"{file.parent.name}/{file.stem}"
        self.older = self.newer = None


class Request:
    def __init__(self, path: str) -> None:
        self.path = path


def write(path: str, text: str) -> None:
    file = OUT / path
    os.makedirs(file.parent, exist_ok=True)
    file.write_text(text)


def main(templates: str) -> None:
    posts = sorted(map(Post, Path("content").glob("*/*.md")), key=lambda post: post["date"], reverse=True)
    sections, tags = defaultdict(list), defaultdict(list)
    for post in posts:
        sections[post.section].append(post)
        for tag in post["tags"]:
            tags[tag].append(post)
    for members in sections.values():
        for newer, older in pairwise(members):
            newer.older, older.newer = older, newer
    sections, tags = dict(sorted(sections.items())), dict(sorted(tags.items()))

    environment = Environment(loader=FileSystemLoader(templates), autoescape=True, auto_reload=False)
    jobs = [("home.html", "", {"posts": posts[:PER_PAGE], "sections": sections})]
    for name, members in sections.items():
        total = -(-len(members) // PER_PAGE)
        for n in range(1, total + 1):
            shown = {
                "section": name,
                "posts": members[(n - 1) * PER_PAGE : n * PER_PAGE],
                "n": n,
                "total": total,
            }
            jobs.append(("section.html", f"{name}/page/{n}/" if n > 1 else f"{name}/", shown))
    jobs += [("tag.html", f"tags/{tag}/", {"tag": tag, "posts": members}) for tag, members in tags.items()]
    everything = {"posts": posts, "sections": sections, "tags": tags}
    files = [("rss.xml", "rss.xml", {"posts": posts[:PER_PAGE]}), ("sitemap.xml", "sitemap.xml", everything)]

    child = os.fork()
    half = slice(0 if child else 1, None, 2)
    markdown = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)
    layout = environment.get_template("post.html")
    for post in posts[half]:
        post.html = markdown.html(post.body)
        text = layout.render(post=post, older=post.older, newer=post.newer, request=Request(f"/{post.path}/"))
        write(f"{post.path}/index.html", text)
    for template, path, names in jobs[half]:
        write(
            f"{path}index.html", environment.get_template(template).render(names, request=Request(f"/{path}"))
        )
    for template, path, names in files[half]:
        write(path, environment.get_template(template).render(names))
    if not child:
        write("style.css", Path("static/style.css").read_text())
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit("the other half failed")


main(sys.argv[1])
