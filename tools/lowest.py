"""Prints each dependency at its lower bound, so that CI can show that the bounds are true.

.venv/bin/python tools/lowest.py | pip install -r /dev/stdin
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]

for requirement in PROJECT["dependencies"]:
    name, bound = re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,.*)?", requirement).groups()
    print(f"{name}=={bound}")
