"""Who writes what Flask would want is told where it is here."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from doors import Served

A_FILE = "A file below pages/ is a route, and a directory with its _hooks.py a blueprint"


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (
            "current_app.logger.info('a')",
            "'App' object has no attribute 'logger'. Write logging.getLogger(__name__)",
        ),
        ("current_app.app_context()", "'App' object has no attribute 'app_context'. Write app.context()"),
        ("current_app.debug", "'App' object has no attribute 'debug'. Write app.config.dev"),
        ("current_app.secret_key", "has no attribute 'secret_key'. Write app.config.secret_key"),
        ("current_app.root_path", "has no attribute 'root_path'. Write app.root"),
        ("current_app.url_map", "'url_map'. Files below pages/ are the routes, which `engine routes` lists"),
        (
            "request.url_rule.rule",
            "has no attribute 'url_rule'. Write request.route_id, the path of its file",
        ),
        ("request.endpoint", "has no attribute 'endpoint'. Write request.route_id, the path of its file"),
        (
            "current_app.config['PHONE']",
            "settings are attributes, as config.secret_key. Those of the site are in config.app, not 'PHONE'",
        ),
        (
            "current_app.config.get('PHONE')",
            "no attribute 'get'. Settings are attributes, as config.secret_key.",
        ),
        ("make_response(None)", "make_response() was given None. Give it text, bytes, a mapping"),
        ("url_for('index')", "'index'. The id of a route is its path below pages/, as '/blog/[slug]'"),
        ("url_for('static', filename='a.css')", "A file of static/ has its path as its id: '/style.css'"),
    ],
)
def test_a_page_is_told(code: str, hint: str, served: Callable[..., Served]) -> None:
    imports = "from engine import current_app, make_response, request, url_for"
    page = f"{imports}\nfreeze = False\ndef get():\n    return {code}"
    with pytest.raises((AttributeError, LookupError, TypeError)) as raised:
        served({"pages/index.py": page}).app.test_client().get("/")
    assert hint in str(raised.value)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("app.route('/a')", f"no attribute 'route'. {A_FILE}."),
        ("app.register_blueprint(1)", f"no attribute 'register_blueprint'. {A_FILE}."),
        ("app.cli.command()", "no attribute 'cli'. Write @app.command()."),
        ("app.logger.info('a')", "no attribute 'logger'. Write logging.getLogger(__name__)."),
        ("app.secret_key = 'k'", "Set secret_key by the environment, as ENGINE_SECRET_KEY."),
        ("app.config.from_object(app)", "Settings are given by site.toml and the environment, {APP}."),
        ("app.befor_request(app)", "no attribute 'befor_request'. Did you mean 'before_request'?"),
    ],
)
def test_setup_is_told(code: str, hint: str, faults: Callable[..., list[str]]) -> None:
    [fault] = faults({"pages/index.md": "a", "app.py": f"def setup(app):\n    {code}\n"})
    assert fault.startswith("app.py:2: `setup()` raised AttributeError")
    assert fault.endswith(hint.replace("{APP}", "those of the site under [app]"))


def test_settings_are_not_given_by_code(faults: Callable[..., list[str]]) -> None:
    setup = "def setup(app):\n    app.config['PHONE'] = '1'\n"
    [fault] = faults({"pages/index.md": "a", "app.py": setup})
    assert "settings are given by site.toml and the environment, those of the site under [app]" in fault


def test_what_is_imported_of_flask_is_told(faults: Callable[..., list[str]]) -> None:
    [fault] = faults({"pages/index.py": "from engine import Blueprint\n"})
    assert fault.startswith("pages/index.py:1: raised ImportError when it was imported: cannot import name")
    assert fault.endswith(f"'Blueprint' from 'engine'. {A_FILE}.")


@pytest.mark.parametrize(
    ("module", "hint"),
    [
        ("flask", "Import it from engine."),
        ("flask_wtf", "Write from engine.ext.forms import Form."),
        ("flask_sqlalchemy", "Write from engine.ext.sql import SQL."),
    ],
)
def test_who_imports_flask_or_its_extensions_is_told(
    module: str, hint: str, faults: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    [fault] = faults({"pages/index.py": f"from {module} import request\n"})
    assert fault.startswith("pages/index.py:1: raised ModuleNotFoundError when it was imported: ")
    assert fault.endswith(hint)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("db.Column()", "'SQL' object has no attribute 'Column'. Write from sqlalchemy import Column."),
        ("db.relationship()", "Write from sqlalchemy.orm import relationship."),
        ("db.nothing()", "'SQL' object has no attribute 'nothing'."),
    ],
)
def test_who_asks_the_database_for_a_name_of_sqlalchemy_is_told(
    code: str, hint: str, faults: Callable[..., list[str]]
) -> None:
    models = f"from engine.ext.sql import SQL\n\ndb = SQL()\n{code}\n"
    [fault] = faults({"pages/index.py": "import models\n", "models.py": models})
    assert fault.startswith("models.py:4: raised AttributeError when it was imported: ")
    assert fault.endswith(hint)


def test_a_template_that_shows_a_form_as_flask_wtf_does_is_told(served: Callable[..., Served]) -> None:
    page = "from engine.ext.forms import Form\nfreeze = False\ndef get():\n    return {'form': Form()}\n"
    files = {"pages/a.py": page, "pages/a.html": "{{ form.hidden_tag() }}"}
    with pytest.raises(Exception, match=r"Write .. form_hidden.form. .."):
        served(files, secret_key="k").app.test_client().get("/a/")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("make_respons", "Did you mean `make_response`?"),
        ("before_request", "It is a function of _hooks.py, "),
    ],
)
def test_what_is_not_there_to_import_is_told(name: str, hint: str, faults: Callable[..., list[str]]) -> None:
    [fault] = faults({"pages/index.py": f"from engine import {name}\n"})
    assert f"cannot import name '{name}' from 'engine'. {hint}" in fault


@pytest.mark.parametrize(("name", "extension"), [("form_fields", "forms"), ("current_user", "login")])
def test_a_template_that_wants_an_extension_is_told(
    name: str, extension: str, served: Callable[..., Served]
) -> None:
    page = {"pages/index.html": f"---\nlayout: false\nfreeze: false\n---\n{{{{ {name}.a }}}}"}
    with pytest.raises(Exception, match=f"Call {extension}.init_app") as raised:
        served(page).app.test_client().get("/")
    assert "in setup(app) of app.py" in str(raised.value)
