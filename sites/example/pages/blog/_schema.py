"""What the front matter in this directory must say, besides what the engine itself understands."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass
class Post:
    title: str
    description: str
    date: dt.date
    tags: list[str] = field(default_factory=list)
    author: str = "The keyholders"
