"""What each URL of each site under `tests/sites/` answers, at both doors.

A case is a folder: a site, and beside its `pages/` a `contract.toml` that says what it shows:

    about = "One sentence."
    hybrid = false                 # optional: freeze with --hybrid
    [settings]                     # optional: flags, as `engine freeze` takes them
    [[url]]
    path = "/users/7/"
    status = 200                   # optional, 200 by default
    location = "/x/"               # optional, of a redirect
    type = "application/json"      # optional, the media type
    body = "exactly this"          # optional
    has = ["this", "and that"]     # optional
    lacks = ["this"]               # optional
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
from doors import Frozen, Served

from engine import SiteError, create_app

CASES = Path(__file__).parent / "sites"
CONTRACTS = {
    path.parent.name: tomllib.loads(path.read_text("utf-8")) for path in sorted(CASES.glob("*/contract.toml"))
}
SOUND = {name: contract for name, contract in CONTRACTS.items() if "faults" not in contract}
FAULTY = sorted(CONTRACTS.keys() - SOUND.keys())


def urls() -> Iterator[Any]:
    for name, contract in SOUND.items():
        for url in contract["url"]:
            yield pytest.param(name, url, id=f"{name}: {url.get('method', 'GET')} {url['path']}")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Any]:
    """Each case opened once at each door, in a copy of its folder."""
    opened: dict[tuple[str, str], Any] = {}

    def open_case(name: str, which: str) -> Any:
        if (name, which) not in opened:
            root = tmp_path_factory.mktemp(which) / "site"
            shutil.copytree(CASES / name, root)
            settings = SOUND[name].get("settings", {})
            if which == "served":
                opened[name, which] = Served(root, **settings)
            else:
                hybrid = SOUND[name].get("hybrid", False)
                opened[name, which] = Frozen(root, root.parent / "dist", hybrid=hybrid, **settings)
        return opened[name, which]

    return open_case


@pytest.mark.parametrize(("name", "url"), list(urls()))
@pytest.mark.parametrize("which", ["served", "frozen"])
def test_url(doors: Callable[[str, str], Any], which: str, name: str, url: dict[str, Any]) -> None:
    if which == "frozen" and (url.get("served_only") or "method" in url):
        pytest.skip("a static host cannot answer this")
    door = doors(name, which)
    options = {"method": url["method"]} if "method" in url else {}
    answer = door.get(url["path"], **options)
    assert answer.status == url.get("status", 200), answer.body[:400]
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


@pytest.mark.parametrize("name", FAULTY)
def test_faults(name: str, tmp_path: Path) -> None:
    shutil.copytree(CASES / name, tmp_path / "site")
    with pytest.raises(SiteError) as caught:
        create_app(tmp_path / "site")
    assert [str(fault) for fault in caught.value.faults] == CONTRACTS[name]["faults"]
