"""What each URL of each site under `tests/sites/` answers, at both doors.

A case is a folder: a site, and beside its `pages/` a `contract.toml` that says what it shows:

    about = "One sentence."
    hybrid = false                 # optional: freeze with --hybrid
    [settings]                     # optional: flags, as `engine freeze` takes them
    [files]                        # optional: files whose names not every system can hold
    "pages/con.md" = "text"
    [[url]]
    path = "/users/7/"
    status = 200                   # optional, 200 by default
    location = "/x/"               # optional, of a redirect
    type = "application/json"      # optional, the media type
    body = "exactly this"          # optional
    has = ["this", "and that"]     # optional
    lacks = ["this"]               # optional
    headers = { Allow = "GET" }    # optional, served only
    served_only = true             # optional: a static host cannot answer this
    method = "POST"                # optional, served only

A case whose load must fail says `faults = [...]` instead: every line that is printed, in order.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from doors import Door, Frozen, Served, write_site
from engine import SiteError, create_app

CASES = Path(__file__).parent / "sites"
CONTRACTS = {
    path.parent.name: tomllib.loads(path.read_text("utf-8")) for path in sorted(CASES.glob("*/contract.toml"))
}
SOUND = {name: contract for name, contract in CONTRACTS.items() if "faults" not in contract}
FAULTY = sorted(CONTRACTS.keys() - SOUND.keys())
SERVED_ONLY = {"served_only", "method", "headers"}


def urls() -> Iterator[Any]:
    for name, contract in SOUND.items():
        for url in contract["url"]:
            for which in ("served",) if SERVED_ONLY & url.keys() else ("served", "frozen"):
                asked = f"{name}, {which}: {url.get('method', 'GET')} {url['path']}"
                yield pytest.param(name, which, url, id=asked)


def copy_of(name: str, root: Path) -> Path:
    """A copy of the site of a case, with the files whose names not every system can hold."""
    shutil.copytree(CASES / name, root)
    return write_site(root, CONTRACTS[name].get("files", {}))


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Door]:
    """Each case opened once at each door, in a copy of its folder."""
    opened: dict[tuple[str, str], Door] = {}

    def open_case(name: str, which: str) -> Door:
        if (name, which) not in opened:
            root = copy_of(name, tmp_path_factory.mktemp(which) / "site")
            settings = SOUND[name].get("settings", {})
            if which == "served":
                opened[name, which] = Served(root, **settings)
            else:
                hybrid = SOUND[name].get("hybrid", False)
                opened[name, which] = Frozen(root, root.parent / "dist", hybrid=hybrid, **settings)
        return opened[name, which]

    return open_case


@pytest.mark.parametrize(("name", "which", "url"), list(urls()))
def test_url(doors: Callable[[str, str], Door], name: str, which: str, url: dict[str, Any]) -> None:
    options = {"method": url["method"]} if "method" in url else {}
    answer = doors(name, which).get(url["path"], **options)
    assert answer.status == url.get("status", 200), answer.body[-400:]
    if "location" in url:
        assert answer.headers["Location"] == url["location"]
    if "type" in url:
        assert answer.type.partition(";")[0] == url["type"]
    if "body" in url:
        assert answer.text.strip() == url["body"]
    for part in url.get("has", ()):
        assert part in answer.text
    for part in url.get("lacks", ()):
        assert part not in answer.text
    for header, value in url.get("headers", {}).items():
        assert answer.headers[header] == value


@pytest.mark.parametrize("name", FAULTY)
def test_faults(name: str, tmp_path: Path) -> None:
    root = copy_of(name, tmp_path / "site")
    with pytest.raises(SiteError) as caught:
        create_app(root)
    assert [str(fault) for fault in caught.value.faults] == CONTRACTS[name]["faults"]
