"""Where the database of a site is, and what is told where there can be none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Files
from engine import create_app
from engine.ext.sql import SQL
from sql_tools import SHOP, shop

SETTINGS = """
    from dataclasses import dataclass

    from models import db

    @dataclass(frozen=True)
    class Settings:
        database_url: str = "sqlite:///of-settings.db"

    def setup(app):
        db.init_app(app)
"""


def where(root: Path, files: Files) -> str:
    app = create_app(shop(root, files={**files, "site.toml": files.get("site.toml", "")}))
    return str(app.extensions["sql"].connections.url)


def test_without_a_word_it_is_a_file_in_a_directory_of_the_site(tmp_path: Path) -> None:
    assert where(tmp_path, {}) == f"sqlite:///{tmp_path}/instance/site.db"
    assert not (tmp_path / "instance").exists()


def test_the_settings_name_another_and_the_environment_counts_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"site.toml": '[app]\ndatabase_url = "sqlite:///data.db"\n'}
    assert where(tmp_path, files) == f"sqlite:///{tmp_path}/data.db"
    monkeypatch.setenv("ENGINE_APP__DATABASE_URL", "sqlite:////var/lib/bakery.db")
    assert where(tmp_path, files) == "sqlite:////var/lib/bakery.db"


def test_types_for_the_settings_may_have_a_default(tmp_path: Path) -> None:
    assert where(tmp_path, {"app.py": SETTINGS}) == f"sqlite:///{tmp_path}/of-settings.db"


def test_what_the_code_says_counts_most(tmp_path: Path) -> None:
    models = str(SHOP["models.py"]).replace("SQL()", 'SQL("sqlite://")')
    files = {"models.py": models, "site.toml": '[app]\ndatabase_url = "sqlite:///data.db"\n'}
    assert where(tmp_path, files) == "sqlite://"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_by_psycopg(tmp_path: Path, scheme: str) -> None:
    files = {"site.toml": f'[app]\ndatabase_url = "{scheme}://u:secret@db.example/shop"\n'}
    assert where(tmp_path, files) == "postgresql+psycopg://u:***@db.example/shop"


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (
            "bakery.db",
            "this is no address of a database. Write sqlite:///FILE or postgresql://USER@HOST/NAME.",
        ),
        (
            "postgrsql://u:tr0ub4dor@h/n",
            "'postgrsql' is no kind of database that SQLAlchemy knows. Write sqlite:/",
        ),
        (
            "postgresql+pg8000://u:tr0ub4dor@h/n",
            "postgresql+pg8000 needs pg8000. Install it: pip install 'pg8000'.",
        ),
        ("mysql://u:tr0ub4dor@h/n", "mysql needs MySQLdb. Install it: pip install 'mysqlclient'."),
        ("postgresql://u:tr0ub4dor@h:port/n", "this is no address of a database. "),
    ],
)
def test_an_address_that_leads_nowhere_is_a_fault_at_its_place(
    faults: Callable[..., list[str]], url: str, what: str
) -> None:
    [fault] = faults({**SHOP, "site.toml": f'[app]\ndatabase_url = "{url}"\n'})
    assert fault.startswith(f"site.toml:2:1: `app.database_url`: {what}")
    assert "tr0ub4dor" not in fault


def test_one_in_the_code_is_a_fault_at_its_line(faults: Callable[..., list[str]]) -> None:
    models = str(SHOP["models.py"]).replace("SQL()", 'SQL("bakery.db")')
    [fault] = faults({**SHOP, "models.py": models})
    assert fault.startswith("app.py:4: `setup()` raised Unusable: this is no address of a database. Write")


def test_a_database_belongs_to_one_site(faults: Callable[..., list[str]]) -> None:
    setup = "from models import db\n\ndef setup(app):\n    db.init_app(app)\n    db.init_app(app)\n"
    [fault] = faults({**SHOP, "app.py": setup})
    assert fault.startswith("app.py:5: `setup()` raised ValueError: this SQL() belongs to a site already.")


def test_a_site_has_one_database(faults: Callable[..., list[str]]) -> None:
    setup = """
        from engine.ext.sql import SQL
        from models import db

        def setup(app):
            db.init_app(app)
            SQL("sqlite://").init_app(app)
    """
    [fault] = faults({**SHOP, "app.py": setup})
    assert fault.startswith("app.py:6: `setup()` raised ValueError: the site has a database already. Another")


def test_one_that_belongs_to_none_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"Call db.init_app\(app\) in setup\(app\) of app.py"):
        _ = SQL().engine


def test_its_directory_is_made_when_it_is_needed_and_kept_out_of_repositories(tmp_path: Path) -> None:
    app = create_app(shop(tmp_path, files={"site.toml": ""}))
    app.extensions["sql"].create_all()
    assert (tmp_path / "instance" / "site.db").is_file()
    assert (tmp_path / "instance" / ".gitignore").read_text() == "*\n"
    assert app.test_client().get("/instance/site.db").status_code == 404
    app.site.modules.close()


def test_no_directory_is_made_outside_of_the_site(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/elsewhere/site.db"
    app = create_app(shop(tmp_path / "site", url))
    with pytest.raises(Exception, match="unable to open database file"):
        app.extensions["sql"].create_all()
    assert not (tmp_path / "elsewhere").exists()


def test_without_sqlalchemy_the_extra_is_named(
    faults: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith("engine.ext.sql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    said = faults({**SHOP, "models.py": "from engine.ext.sql import SQL\n\ndb = SQL()\n"})
    assert said[0].startswith(
        "models.py:1: raised ImportError when it was imported: engine.ext.sql needs SQLAlchemy."
    )
