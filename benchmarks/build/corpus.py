"""The posts: generated Markdown, the same for a number and a seed on every machine.

python benchmarks/build/corpus.py COUNT DIRECTORY

About a hundred posts a section. Each has a title, a date, 3 of 50 tags, a description and a body of about
3 kB: headings, paragraphs with inline markup and links, and some of: lists, a table, a quotation, an image,
and in three posts of ten a block of code. Every internal link leads to a post. No text looks like a
template's (`{{`, `{%`).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

ENGLISH = """
about across action address after again almost animal answer apple autumn basket become before behind better
bird border bottom branch bread bridge bright brother button candle careful castle center chance change
chapter circle clear cloud coast colour common corner cotton country course create danger deep demand desert
detail distance doctor dream early edge effect engine enough evening example fabric family farmer father
field final finger flower forest forward frame friend future garden gather gentle glass gold grand green
ground habit hammer harbour heart height holiday honest horizon house hunger image inside island journey
kitchen ladder language laugh leader letter library listen local machine market master meadow measure member
middle minute mirror moment morning mother mountain narrow nature neighbour never noise north object ocean
offer opinion orange other paper partner pattern pencil people picture planet platform pocket possible
prepare price proper quarter question quiet rather reason record regular remain repeat result return river
rough round sample season secret second shadow shelter silver simple small song sound source spirit spring
square station stone storm story street strong summer supply table teacher thread thunder together tomorrow
toward travel trouble trust under until useful valley village visit voice water weather welcome west while
whole window winter wonder world yellow young
"""
WORDS = ENGLISH.split()
RARE = ["café", "naïve", "über", "résumé", "東京", "—", "piñata", "Жук", "…"]
TAG_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon
phi chi psi omega amber bronze cobalt copper coral crimson ebony emerald garnet indigo ivory jade jet lilac
maroon navy ochre olive onyx opal pearl plum ruby saffron teal umber
"""
TAGS = [f"tag-{name}" for name in TAG_NAMES.split()]
CODE = """```python
class {0}Store:
    \"\"\"Keep {1} records by key.\"\"\"

    def __init__(self, limit: int = {3}) -> None:
        self.limit = limit
        self._{1} = dict()

    def {2}(self, key: str, *, default=None):
        # look the {1} up first, then fall back
        value = self._{1}.get(key, default)
        if value is None and len(key) > {3}:
            raise KeyError(f"no {1} for " + repr(key))
        return value
```"""


@dataclass(frozen=True, slots=True)
class Post:
    section: str
    slug: str
    title: str
    date: str
    tags: list[str]
    description: str
    body: str

    def front_matter(self) -> str:
        title, description = (json.dumps(text, ensure_ascii=False) for text in (self.title, self.description))
        return (
            f"---\ntitle: {title}\ndate: {self.date}\ntags: [{', '.join(self.tags)}]\n"
            f"description: {description}\ndraft: false\n---\n\n"
        )


def posts(count: int, seed: str = "1") -> Iterator[Post]:
    """`count` posts, in the order of their slugs."""
    writer = Writer(random.Random(f"{seed}/{count}"), count)
    days = (date(2025, 12, 1) - date(2012, 1, 1)).days
    for number in range(count):
        section, slug = place(number, count)
        title, chance = writer.words(3, 7).capitalize(), writer.chance.random()
        title += f": {writer.word()}" if chance < 0.08 else f" & {writer.word()}" if chance < 0.14 else ""
        day = date(2012, 1, 1) + timedelta(days=writer.chance.randrange(days))
        tags = writer.chance.sample(TAGS, 3)
        description = writer.words(8, 14).capitalize() + "."
        yield Post(
            section,
            slug,
            title,
            day.isoformat(),
            tags,
            description,
            writer.body(code=number % 10 in (2, 5, 8)),
        )


def place(number: int, count: int) -> tuple[str, str]:
    sections = max(1, round(count / 100))
    return f"section-{number * sections // count:03d}", f"post-{number:05d}"


class Writer:
    """Writes bodies; all chance comes from one generator."""

    def __init__(self, chance: random.Random, count: int) -> None:
        self.chance, self.count = chance, count

    def word(self) -> str:
        return self.chance.choice(WORDS)

    def words(self, low: int, high: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(low, high)))

    def body(self, code: bool) -> str:
        extras = [
            make()
            for make, share in (
                (self.list, 0.75),
                (self.table, 0.2),
                (self.quotation, 0.35),
                (self.image, 0.4),
            )
            if self.chance.random() < share
        ]
        if code:
            extras.append(
                CODE.format(self.word().capitalize(), self.word(), self.word(), self.chance.randint(2, 900))
            )
        self.chance.shuffle(extras)
        parts = [self.paragraph()]
        for number in range(min(9, max(1, round(self.chance.gauss(3.6, 1.3))))):
            mark = "##" if number == 0 or self.chance.random() < 0.7 else "###"
            parts += [f"{mark} {self.words(2, 5).capitalize()}", self.paragraph()]
            parts += [self.paragraph()] if self.chance.random() < 0.5 else []
            parts += [extras.pop()] if extras else []
        return "\n\n".join(parts + extras) + "\n"

    def paragraph(self) -> str:
        text = " ".join(self.sentence(7, 18) for _ in range(self.chance.randint(2, 6)))
        if self.chance.random() < 0.5:
            return text
        lines = [""]  # half of the paragraphs have hard line ends, as authors write them
        for word in text.split():
            if len(lines[-1]) + len(word) > 88:
                lines.append("")
            lines[-1] += f" {word}" if lines[-1] else word
        return "\n".join(lines)

    def sentence(self, low: int, high: int) -> str:
        words = self.words(low, high).split()
        at, chance = self.chance.randrange(1, len(words) - 1), self.chance.random()
        if chance < 0.10:
            words[at] = f"**{words[at]} {self.word()}**"
        elif chance < 0.20:
            words[at] = f"*{words[at]}*"
        elif chance < 0.28:
            words[at] = f"`{words[at]}_{self.word()}()`"
        elif chance < 0.40:
            words[at] = self.link()
        elif chance < 0.43:
            words[at] = self.chance.choice(RARE)
        elif chance < 0.45:
            words[at] += f" & {self.word()}"
        text = " ".join(words)
        return text[0].upper() + text[1:] + self.chance.choice("....?!")

    def link(self) -> str:
        if self.chance.random() < 0.5:
            query = self.chance.randint(1, 999)
            return f"[{self.words(1, 3)}](https://www.example.com/{self.word()}/{self.word()}?q={query})"
        section, slug = place(self.chance.randrange(self.count), self.count)
        return f"[{self.words(1, 3)}](/{section}/{slug}/)"

    def list(self) -> str:
        items = []
        numbered = self.chance.random() < 0.3
        for number in range(1, self.chance.randint(4, 8)):
            items.append(f"{number}." if numbered else "-")
            items[-1] += " " + self.sentence(4, 10)
            if not numbered and self.chance.random() < 0.15:
                items += [f"    - {self.sentence(3, 7)}" for _ in range(2)]
        return "\n".join(items)

    def table(self) -> str:
        columns = self.chance.randint(3, 4)
        rows = [self.chance.choices(WORDS, k=columns), ["---"] * (columns - 1) + ["---:"]]
        for _ in range(self.chance.randint(3, 6)):
            rows.append([*self.chance.choices(WORDS, k=columns - 1), str(self.chance.randint(1, 9999))])
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def quotation(self) -> str:
        return "\n".join(f"> {self.sentence(7, 18)}" for _ in range(self.chance.randint(1, 3)))

    def image(self) -> str:
        address = f"https://img.example.com/{self.word()}/{self.chance.randint(100, 999)}.jpg"
        return f"![{self.words(2, 2)}]({address})"


def write(count: int, directory: Path) -> list[Post]:
    """Write the posts below `directory`, as `section-000/post-00000.md`, and return them."""
    made = list(posts(count))
    for post in made:
        (directory / post.section).mkdir(parents=True, exist_ok=True)
        (directory / post.section / f"{post.slug}.md").write_text(post.front_matter() + post.body)
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", type=int)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    write(arguments.count, arguments.directory)
