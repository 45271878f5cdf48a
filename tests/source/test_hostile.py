"""Input that was made to break a parser ends in a fault, soon, and never ends the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MEGABYTE = 1_000_000

MERGE_BOMB = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n  k{n}: v\n" for n in range(1, 28)
)
ALIAS_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 6)}]\n" for n in range(1, 11)
)
DEEP = "".join(" " * n + f"k{n}:\n" for n in range(1400))

YAML = {
    "brackets 30 kB": "[" * 30_000,
    "brackets 1 MB": "[" * MEGABYTE,
    "braces 1 MB": "{" * MEGABYTE,
    "braces with keys": "{a: " * (MEGABYTE // 4),
    "brackets on lines": "[\n" * (MEGABYTE // 2),
    "brackets in quotes": "a: [" + '"' * MEGABYTE,
    "dashes": "- " * (MEGABYTE // 2),
    "dashes on one line": "- - - " * 5_000,
    "question marks": "? " * (MEGABYTE // 2),
    "colons": ": " * (MEGABYTE // 2),
    "keys in keys": "a: " * (MEGABYTE // 3),
    "deep indentation": DEEP,
    "merge bomb": MERGE_BOMB,
    "alias bomb": ALIAS_BOMB,
    "anchors": "&a " * (MEGABYTE // 3),
    "tags": "!!x " * (MEGABYTE // 4),
    "aliases": "- &a x\n" + "- *a\n" * 100_000,
    "tabs": "\t" * MEGABYTE + "[",
    "digits": "a: " + "9" * MEGABYTE,
    "documents": "---\n" * 100_000,
    "control characters": "\x01" * MEGABYTE,
    "quote without end": "a: '" + "x\n" * (MEGABYTE // 2),
}
TOML = {
    "brackets": "a = " + "[" * MEGABYTE,
    "braces": "a = " + "{a=" * (MEGABYTE // 3),
    "dotted key": "a." * 30_000 + "a = 1",
    "dotted table": "[" + "a." * 30_000 + "a]",
    "dotted quoted keys": "'a' . " * 30_000 + "a = 1",
    "dotted inline": "a = {" + "b." * 30_000 + "b = 1}",
    "long word": "a = 1 . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .\n"
    + "x" * MEGABYTE,
    "digits": "a = " + "9" * MEGABYTE,
}
JSON = {
    "brackets": "[" * MEGABYTE,
    "braces": '{"a":' * (MEGABYTE // 5),
    "closed brackets": "[" * 500 + "]" * 500,
    "digits": "9" * MEGABYTE,
    "keys": '{"a":NaN' + ',"a":1' * 1000 + "}",
    "surrogates": '"' + "\\ud800" * 100_000 + '"',
}
PROGRAM = """
import sys, time
from engine.errors import SiteError
from engine.source.formats import LOADERS
text = sys.stdin.buffer.read().decode()
started = time.process_time()
try:
    LOADERS[sys.argv[1]](text, file="a", limit=1 << 24)
except SiteError as error:
    assert all(fault.line for fault in error.faults), error
    print(max(len(str(fault)) for fault in error.faults), time.process_time() - started)
"""


@pytest.mark.parametrize(
    ("language", "name"),
    [
        (language, name)
        for language, table in (("yaml", YAML), ("toml", TOML), ("json", JSON))
        for name in table
    ],
)
def test_a_bomb_ends_in_a_fault_within_a_second(language: str, name: str) -> None:
    text = {"yaml": YAML, "toml": TOML, "json": JSON}[language][name]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, language],
        input=text.encode(),
        capture_output=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.returncode, done.stderr.decode()[-500:]) == (0, "")
    length, seconds = done.stdout.split()
    assert float(seconds) < 1
    assert int(length) < 200
