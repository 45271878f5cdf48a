"""The pytest plugin: options, fixtures, and every page of `--site` as a test.

pytest imports it in every project that has the engine installed, so the engine is not imported before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from engine.app.app import App
    from engine.app.client import Client
    from engine.site import Site
    from engine.testing.frozen import FrozenSite
    from engine.testing.live import LiveServer
    from engine.testing.runner import Runner

# ruff: noqa: PLC0415  see above

NO_DATABASE = "the site has no database: nothing says SQL().init_app(app) in its app.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("engine", "sites of pages-engine")
    group.addoption(
        "--site",
        dest="engine_site_dir",
        metavar="DIR",
        help="the site of the fixtures, and every page of it is a test",
    )
    parser.addini("engine_site", "the directory of the site of the fixtures", default="")


@pytest.hookimpl(tryfirst=True)  # before -k, --deselect and the like look at the tests
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    if config.getoption("engine_site_dir"):
        from engine.testing.pages import collect

        items.extend(collect(session))


@pytest.fixture(scope="session")
def site_settings() -> Mapping[str, Any]:
    """Settings for the site under test, by name, as `create_app` takes them. Define your own to change them."""
    return {}


@pytest.fixture(scope="session")
def site(pytestconfig: pytest.Config, site_settings: Mapping[str, Any]) -> Iterator[Site]:
    """The site under test, loaded: --site, or `engine_site`, or pytest's root directory."""
    from engine.testing.sites import fail, load_with, loaded, root_of, stores

    root = root_of(pytestconfig)
    is_own = bool(site_settings)
    found = load_with(root, site_settings) if is_own else loaded(root)
    if not is_own and found.site and list(stores(found.site)):
        is_own, found = True, load_with(root, {})  # the tests of its pages ask what the settings name
    if found.site is None or found.faults:
        fail(root, found.faults)
    yield found.site
    if is_own:
        found.site.modules.close()


@pytest.fixture(scope="session")
def app(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app of the site under test. Its extensions keep what they write apart from what the settings name."""
    from engine.app.app import App
    from engine.testing.sites import stores

    with ExitStack() as stack:
        for name, store in stores(site):
            stack.enter_context(store.testing(tmp_path_factory.mktemp(name)))
        yield App(site)


@pytest.fixture
def db(app: App) -> Iterator[Any]:
    """The database of the site, with its tables and nothing else, for one test; `db.session` is one of the test."""
    database = app.extensions.get("sql")
    if database is None:
        pytest.fail(NO_DATABASE, pytrace=False)
    with database.fresh(), app.context():
        yield database


@pytest.fixture
def client(app: App) -> Client:
    """A client that asks the app, and keeps cookies for one test."""
    return app.test_client()


@pytest.fixture
def runner(app: App) -> Runner:
    """What runs the engine's commands on the site under test."""
    from engine.testing.runner import Runner

    return Runner(app)


@pytest.fixture(scope="session")
def live_server(app: App) -> Iterator[LiveServer]:
    """The app behind a real server on a free port; `live_server.url` is where."""
    from engine.testing.live import serving

    with serving(app) as server:
        yield server


@pytest.fixture(scope="session")
def frozen_site(app: App, tmp_path_factory: pytest.TempPathFactory) -> FrozenSite:
    """The site under test, frozen once. It fails by the faults of the freeze."""
    from engine.testing.frozen import FrozenSite, freeze_into
    from engine.testing.sites import fail

    report = freeze_into(app, tmp_path_factory.mktemp("frozen") / "dist")
    if report.faults:
        fail(Path(app.root), report.faults)
    return FrozenSite.of(report, app.config.base_path)
