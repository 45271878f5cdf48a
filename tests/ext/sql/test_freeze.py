"""A page that read the database is dynamic to a freeze, unless it says otherwise; then each freeze asks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import run
from doors import Files, freeze_site
from sql_tools import opened, shop

NAMES = """
    from models import Loaf, db, select

    def get():
        return "\\n".join(db.session.scalars(select(Loaf.name).order_by(Loaf.id)))
"""
EACH = """
    from models import Loaf, db, select

    def static_params():
        return db.session.scalars(select(Loaf.id)).all()

    def get(id):
        return db.get_or_404(Loaf, id).name
"""
READS = "reads the database, which changes without any file of the site"
EITHER = (
    "Say `freeze = True` to freeze what it reads now, or `freeze = False` to leave the page to the server."
)
STATIC: Files = {"pages/names.txt.py": "freeze = True\n" + NAMES.replace("\n    ", "\n")}


@pytest.mark.long
def test_a_handler_is_refused_at_its_line(tmp_path: Path, url: str) -> None:
    opened(tmp_path / "site", url, {"pages/names.txt.py": NAMES}, "rye")
    report = freeze_site(tmp_path / "site", tmp_path / "dist")
    assert [str(fault) for fault in report.faults] == [f"pages/names.txt.py:4: /names.txt {READS}. {EITHER}"]


def test_a_template_is_refused_at_the_line_that_follows_a_relation(tmp_path: Path) -> None:
    app = """
        from models import Loaf, db, select

        def setup(app):
            db.init_app(app)
            app.add_names({"loaves": lambda: db.session.scalars(select(Loaf)).all()})
    """
    page = "<ul>\n<li>Loaves\n{% for it in loaves() %}\n{{ it.name }}\n{% endfor %}\n</ul>"
    opened(tmp_path / "site", "", {"app.py": app, "pages/list.html": page}, "rye")
    [fault] = freeze_site(tmp_path / "site", tmp_path / "dist").faults
    assert (fault.file, fault.code) == ("app.py", "freeze-changing")


def test_a_guard_that_reads_it_marks_every_page_below(tmp_path: Path) -> None:
    hooks = "from models import Loaf, db\n\n\ndef before_request():\n    db.session.get(Loaf, 1)\n"
    opened(
        tmp_path / "site", "", {"pages/in/_hooks.py": hooks, "pages/in/a.md": "A", "pages/b.md": "B"}, "rye"
    )
    [fault] = freeze_site(tmp_path / "site", tmp_path / "dist").faults
    assert str(fault).startswith(f"pages/in/_hooks.py:5: /in/a/ {READS}.")


@pytest.mark.parametrize("jobs", [1, 2])
def test_one_that_says_so_is_frozen_and_its_parameters_come_from_the_database(
    tmp_path: Path, url: str, jobs: int
) -> None:
    each = "freeze = True\n" + EACH.replace("\n    ", "\n")
    names = [f"loaf {number}" for number in range(1, 131)]  # so many that a second worker pays
    app = opened(tmp_path / "site", url, {**STATIC, "pages/each/[id=int].txt.py": each}, *names)
    assert app.test_client().get("/loaves.json").status_code == 200  # there is a connection to be shared
    from engine.freeze.freeze import FreezeOptions, freeze

    report = freeze(app, FreezeOptions(str(tmp_path / "dist"), jobs=jobs))
    assert report.faults == ()
    assert (tmp_path / "dist" / "names.txt").read_text().split("\n") == names
    assert (tmp_path / "dist" / "each" / "130.txt").read_text() == "loaf 130"
    assert app.test_client().get("/loaf/7/").text == "loaf 7"  # no worker has closed it


def test_parameters_alone_need_no_word(tmp_path: Path) -> None:
    each = EACH.replace("return db.get_or_404(Loaf, id).name", "return str(id)")
    opened(tmp_path / "site", "", {"pages/each/[id=int].txt.py": each}, "rye", "oat")
    report = freeze_site(tmp_path / "site", tmp_path / "dist")
    assert report.faults == ()
    assert (tmp_path / "dist" / "each" / "2.txt").read_text() == "2"


def bake(root: Path, url: str, name: str) -> None:
    from engine import create_app

    app = create_app(root)
    db = app.extensions["sql"]
    with app.context():
        db.session.add(db.models.Loaf(name=name))
        db.session.commit()
    app.site.modules.close()


@pytest.mark.long
def test_each_freeze_asks_it_again_and_the_others_stand(tmp_path: Path, url: str) -> None:
    each = EACH.replace("return db.get_or_404(Loaf, id).name", "return str(id)")
    files = {**STATIC, "pages/each/[id=int].txt.py": each, "pages/about.md": "About"}
    root = tmp_path / "site"
    opened(root, url, files, "rye").site.modules.close()

    def freeze(*options: str) -> str:
        done = run("freeze", root, *options)
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "4 written" in freeze()
    assert "0 written, 4 unchanged" in freeze()
    bake(root, url, "oat")
    assert "2 written, 3 unchanged" in freeze()  # the names, and the page of the new one
    assert (root / "dist" / "names.txt").read_text() == "rye\noat"
    why = run("why", "/names.txt", root).stdout
    assert "A freeze now would make it again:\n" in why
    assert "  the database may be another each time\n" in why
    assert "A freeze now would keep it." in run("why", "/about/", root).stdout
    assert "Proved: a clean freeze makes the same 5 files." in freeze("--prove")
    verdicts = run("routes", "--verdict", root).stdout
    assert "as it was when it was frozen: it reads the clock and the database" in verdicts


@pytest.mark.long
def test_a_freeze_that_has_nothing_else_to_do_sees_new_parameters(tmp_path: Path) -> None:
    each = EACH.replace("return db.get_or_404(Loaf, id).name", "return str(id)")
    root = tmp_path / "site"
    opened(root, "", {"pages/each/[id=int].txt.py": each}, "rye").site.modules.close()
    assert run("freeze", root).returncode == 0
    bake(root, "", "oat")
    assert "1 written" in run("freeze", root).stderr


def test_no_server_keeps_its_answer(tmp_path: Path) -> None:
    app = """
        from models import Loaf, db, func, select

        def setup(app):
            db.init_app(app)
            app.add_names({"count": lambda: db.session.scalar(select(func.count()).select_from(Loaf))})
    """
    page = "---\nfreeze: true\nlayout: false\n---\n{{ count() }}"
    root = shop(tmp_path / "site")
    models = "from sqlalchemy import func\n" + (root / "models.py").read_text()
    client = opened(
        root, "", {"app.py": app, "pages/count.html": page, "models.py": models}, "rye"
    ).test_client()
    assert client.get("/count/").text.strip() == "1"
    client.post("/loaves.json", data={"name": "oat"})
    assert client.get("/count/").text.strip() == "2"


def test_one_that_says_for_how_long_is_kept_and_purged(tmp_path: Path, url: str) -> None:
    page = 'cache = "10m"\nfreeze = False\n' + NAMES.replace("\n    ", "\n")
    app = opened(tmp_path / "site", url, {"pages/names.txt.py": page}, "rye")
    client = app.test_client()
    assert client.get("/names.txt").text == "rye"
    client.post("/loaves.json", data={"name": "oat"})
    assert client.get("/names.txt").text == "rye"
    app.cache.purge(everything=True)
    assert client.get("/names.txt").text == "rye\noat"
    assert app.extensions["sql"].engine.pool.checkedout() == 0
    app.site.modules.close()


def test_a_page_without_tables_says_the_way_out(tmp_path: Path, url: str) -> None:
    shop(tmp_path / "site", url, STATIC)
    [fault] = freeze_site(tmp_path / "site", tmp_path / "dist").faults
    assert str(fault).startswith("pages/names.txt.py:6: /names.txt failed: ")
    assert str(fault).endswith(
        "The database lacks a table or a column. "
        "Run `engine db upgrade`, and `engine db migrate` before it if the models changed."
    )
    assert "\n" not in str(fault)
