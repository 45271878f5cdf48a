from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


def get():
    return Point(1, 2)
