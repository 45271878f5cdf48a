from dataclasses import dataclass
from datetime import date


@dataclass
class Post:
    date: date
    rank: int = 0
