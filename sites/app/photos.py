"""Photos that members bring: kept outside of what is served, under names of our own."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

from werkzeug.datastructures import FileStorage

FOLDER = Path(__file__).parent / "instance" / "photos"
SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"RIFF": ".webp"}
MOST = 5_000_000
TYPES = ("image/jpeg", "image/png", "image/webp")


def keep(photo: FileStorage) -> str:
    """Store a photo, and give the name that it has from now on."""
    head = photo.stream.read(4)
    photo.stream.seek(0)
    suffix = next(suffix for start, suffix in SUFFIXES.items() if head.startswith(start))
    name = token_hex(16) + suffix
    FOLDER.mkdir(parents=True, exist_ok=True)
    photo.save(FOLDER / name)
    return name


def forget(name: str | None) -> None:
    """Remove a photo, if there is one."""
    if name:
        (FOLDER / name).unlink(missing_ok=True)
