"""A page that reads what changes without the site is refused, unless it says that it is static."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commands import run
from doors import Served, write_site
from freeze_tools import PLAIN, Bench, Freezer

STOCK = """
    from pathlib import Path

    from engine import touch

    def left():
        touch("the stock")
        return Path(__file__).with_name("stock.txt").read_text()
"""
PAGE = "from stock import left\n\n\ndef get():\n    return left()\n"
EITHER = (
    "Say `freeze = True` to freeze what it reads now, or `freeze = False` to leave the page to the server."
)
SITE = {**PLAIN, "stock.py": STOCK, "stock.txt": "12 loaves", "pages/page.py": PAGE}


def test_a_page_that_reads_what_changes_is_refused_at_its_line(freezer: Freezer) -> None:
    assert freezer.faults(SITE) == [
        f"stock.py:6: /page/ reads the stock, which changes without any file of the site. {EITHER}"
    ]


def test_a_template_that_does_is_refused_at_its_line(freezer: Freezer) -> None:
    setup = "from stock import left\n\ndef setup(app):\n    app.add_names({'left': left})\n"
    page = "<p>\n{{ left() }}</p>"
    files = {
        **SITE,
        "app.py": setup,
        "pages/page.py": "def get():\n    return ''\n",
        "pages/other.html": page,
    }
    [fault] = freezer.faults(files)
    assert fault.startswith("stock.py:6: /other/ reads the stock, ")


@pytest.mark.parametrize("status", [200, 303])
def test_a_redirect_that_depends_on_it_is_refused_too(freezer: Freezer, status: int) -> None:
    page = f"from stock import left\n\n\ndef get():\n    return left(), {status}, {{'Location': '/'}}\n"
    assert len(freezer.faults({**SITE, "pages/page.py": page, "pages/index.html": "x"})) == 1


def test_a_page_that_says_so_is_frozen(freezer: Freezer) -> None:
    assert freezer({**SITE, "pages/page.py": "freeze = True\n" + PAGE}).faults == ()
    assert freezer.text("page/index.html") == "12 loaves"


def test_a_directory_may_say_it_for_its_pages(freezer: Freezer) -> None:
    assert freezer({**SITE, "pages/_data.yaml": "freeze: true\n"}).faults == ()


def test_an_error_page_must_say_it_as_well(freezer: Freezer) -> None:
    page = "from stock import left\n\n\ndef get(error):\n    return left()\n"
    files = {"stock.py": STOCK, "stock.txt": "12", "pages/index.html": "x"}
    [fault] = freezer.faults({**files, "pages/404.py": page, "pages/404.html": "{{ 1 }}"})
    assert fault.startswith("stock.py:6: /404.html reads the stock, ")
    assert freezer({"pages/404.py": f"freeze = True\n{page}"}).faults == ()


def test_static_params_may_read_it(freezer: Freezer) -> None:
    page = "from stock import left\n\n\ndef static_params():\n    return left().split()\n\n"
    page += "def get(name):\n    return name\n"
    files = {**SITE, "pages/page.py": "def get():\n    return ''\n", "pages/by/[name].py": page}
    assert freezer(files).faults == ()
    assert (freezer.output / "by/loaves/index.html").is_file()


def test_each_freeze_asks_such_a_page_and_no_other(tmp_path: Path) -> None:
    files = {**SITE, "stock.py": STOCK.replace("\n    ", "\n"), "pages/page.py": "freeze = True\n" + PAGE}
    bench = Bench(tmp_path / "bench", {**files, "pages/index.html": "x"})
    bench.agrees()
    report, _ = bench.agrees()
    assert (report.asked, report.written) == (1, [])
    bench.write("stock.txt", "11 loaves")
    assert bench.agrees()[0].written == ["page/index.html"]


def test_a_freeze_looks_again_when_what_static_params_read_has_changed(tmp_path: Path) -> None:
    page = """\
from pathlib import Path

def static_params():
    return Path(__file__).parents[2].joinpath("names.txt").read_text().split()

def get(name):
    return name
"""
    (tmp_path / "bench").mkdir()
    names = tmp_path / "bench" / "names.txt"
    names.write_text("rye")
    bench = Bench(tmp_path / "bench", {**PLAIN, "pages/[name].py": page})
    bench.agrees()
    bench.rests()
    names.write_text("rye oat")
    assert bench.agrees()[0].written == ["oat/index.html"]


@pytest.mark.long
def test_the_verdict_and_why_name_it(tmp_path: Path) -> None:
    root = write_site(tmp_path, SITE)
    said = run("routes", "--verdict", root).stdout
    assert "dynamic  reads the stock, which changes without any file of the site (stock.py:6)" in said
    write_site(root, {"pages/page.py": "freeze = True\n" + PAGE})
    assert (
        "static  as it was when it was frozen: it reads the stock" in run("routes", "--verdict", root).stdout
    )
    assert run("freeze", root).returncode == 0
    assert "  the stock may be another each time\n" in run("why", "/page/", root).stdout
    assert run("freeze", root, "--prove").returncode == 0


def test_no_server_keeps_the_answer_of_such_a_page(served: Callable[..., Served], tmp_path: Path) -> None:
    setup = "from stock import left\n\ndef setup(app):\n    app.add_names({'left': left})\n"
    page = "---\nfreeze: true\nlayout: false\n---\n{{ left() }}"
    door = served(
        {**SITE, "app.py": setup, "pages/page.py": "def get():\n    return ''\n", "pages/other.html": page}
    )
    for text in ("12", "11"):
        (tmp_path / "site" / "stock.txt").write_text(text)
        assert door.get("/other/").text.strip() == text
