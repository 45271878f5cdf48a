from dataclasses import dataclass
from datetime import date


@dataclass
class Schema:
    date: date
    rank: int
    title: str
    version: str = "1"
    shown: bool = True
