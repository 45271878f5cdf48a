"""Extensions of installed packages, and `setup(app)`, bring hooks, names and commands to a whole site."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands import REPOSITORY
from doors import Door, Files, Served, write_site
from engine.cli import cli
from engine.errors import SiteError
from freeze_tools import Bench

SIGNING = """
    from pathlib import Path

    import click

    from engine import current_app, pages

    HERE = Path(__file__).parent / "bakery_shop"

    class Signing:
        def init_app(self, app):
            app.add_names({"signed_by": app.config.app.get("signer", "nobody")})

            @app.after_request
            def sign(response):
                response.headers.add("X-Signed", "signing")
                return response

    signing = Signing()

    def also(app):
        @app.after_request
        def sign(response):
            response.headers.add("X-Signed", "also")
            return response

    def failing(app):
        raise RuntimeError("no map of the world")

    def leaving(app):
        raise SystemExit("no licence")

    async def waiting(app):
        app.add_names({"signed_by": "nobody"})

    def mounting(app):
        app.mount("/a", print)
        app.mount("/[x", print)

    def checking(app):
        @app.on_load
        def check(site):
            raise RuntimeError("no map of the world")

    def unset(app):
        app.config.app["scale"]

    def shop(app):
        app.add_pages(HERE / "pages", "shop")
        app.add_templates(HERE / "templates", "shop")

        @app.template_filter()
        def price(pence):
            return f"€{pence / 100:.2f}"

        @app.command()
        def stock():
            "Tell what is left."
            click.echo(f"{len(pages)} page of {current_app.config.title}")
"""
POINTS = """
    [engine.extensions]
    signing = bakery_signing:signing
    also = bakery_signing:also
    failing = bakery_signing:failing
    unset = bakery_signing:unset
    leaving = bakery_signing:leaving
    waiting = bakery_signing:waiting
    mounting = bakery_signing:mounting
    checking = bakery_signing:checking
    shop = bakery_signing:shop
    lost = bakery_signing:nothing
    absent = bakery_nowhere
    twin = bakery_signing:also
"""
TWIN = """
    [engine.extensions]
    twin = bakery_signing:signing
    signing = bakery_signing:signing
"""


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package as pip leaves it: its module, and what it says of itself."""
    packages = write_site(
        tmp_path / "packages",
        {
            "bakery_signing.py": SIGNING,
            "bakery_signing-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: bakery-signing\nVersion: 1.0\n",
            "bakery_signing-1.0.dist-info/entry_points.txt": POINTS,
            "bakery_twin-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: bakery-twin\nVersion: 1.0\n",
            "bakery_twin-1.0.dist-info/entry_points.txt": TWIN,
            "bakery_shop/pages/index.html": "---\nlayout: shop/shelf\n---\n{{ 450|price }}",
            "bakery_shop/templates/shelf.html": "<main>{{ content }}</main>",
        },
    )
    monkeypatch.syspath_prepend(str(packages))
    yield
    sys.modules.pop("bakery_signing", None)


PAGE = {"pages/a.html": "---\nlayout: false\n---\n{{ signed_by }}"}


def site(names: str, **files: str) -> Files:
    return {**PAGE, "site.toml": f'extensions = {names}\n[app]\nsigner = "Ida"\n', **files}


def test_an_extension_brings_names_and_hooks(served: Callable[..., Served]) -> None:
    answer = served(site('["signing"]')).get("/a/")
    assert (answer.text, answer.headers["X-Signed"]) == ("Ida", "signing")


SHOP = {"site.toml": 'title = "Crust"\nextensions = ["shop"]\n'}


def test_an_installed_extension_brings_pages_templates_and_filters(door: Callable[..., Door]) -> None:
    assert door({**SHOP, **PAGE}).get("/shop/").text.strip() == "<main>€4.50</main>"


@pytest.mark.parametrize(
    ("settings", "environment"),
    [
        (SHOP, {}),
        (
            {"site.toml": 'title = "Crust"\n', "site.test.toml": 'extensions = ["shop"]\n'},
            {"ENGINE_ENV": "test"},
        ),
        ({"site.toml": 'title = "Crust"\n'}, {"ENGINE_EXTENSIONS": "shop"}),
    ],
)
def test_its_commands_are_those_of_a_site_that_has_no_code_of_its_own(
    tmp_path: Path, settings: Files, environment: dict[str, str]
) -> None:
    root = write_site(tmp_path / "site", {**settings, "pages/shop/keep.css": ""})
    run = CliRunner(env=environment).invoke
    done = run(cli, ["--site", str(root), "stock"])
    assert (done.exit_code, done.output) == (0, "1 page of Crust\n")
    assert "\n  stock  Tell what is left.\n" in run(cli, ["--site", str(root), "--help"]).output


def test_extensions_are_set_up_in_the_order_of_the_settings_and_before_the_site(
    served: Callable[..., Served],
) -> None:
    setup = """
        def setup(app):
            @app.after_request
            def sign(response):
                response.headers.add("X-Signed", "site")
                return response
    """
    door = served({**site('["also", "signing"]'), "app.py": setup})
    assert door.client.get("/a/").headers.getlist("X-Signed") == ["also", "signing", "site"]


def test_a_site_that_names_none_has_none(door: Callable[..., Door]) -> None:
    assert door(PAGE).get("/a/").text.strip() == ""


def test_what_an_extension_mounts_amiss_is_told_where_the_site_names_it(
    faults: Callable[..., list[str]],
) -> None:
    page = {"pages/a/[...rest].py": "def get(rest):\n    return ''\n"}
    twin, wrong = faults({**site('["also", "mounting"]'), **page})
    assert "the same URL as site.toml:1 (/a/[...rest]/)" in twin
    assert wrong.startswith("site.toml:1:1: ")


def test_a_hook_of_an_extension_that_fails_is_named_with_its_module(
    faults: Callable[..., list[str]],
) -> None:
    [fault] = faults(site('["checking"]'))
    assert fault == "app.py: `bakery_signing.check()` raised RuntimeError: no map of the world."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sining", "site.toml:1:1: there is no extension 'sining'. Did you mean 'signing'?"),
        ("xyz", "site.toml:1:1: there is no extension 'xyz'. Install the package that brings it."),
        ("sql", "site.toml:1:1: there is no extension 'sql'. That of the engine needs code of the site: "),
        (
            "twin",
            "site.toml:1:1: bakery_signing:also and bakery_signing:signing are both the extension 'twin'. Uninstall",
        ),
        ("failing", "site.toml:1:1: the extension 'failing' raised RuntimeError: no map of the world."),
        ("unset", "site.toml:1:1: the extension 'unset' raised KeyError: 'scale'."),
        ("leaving", "site.toml:1:1: the extension 'leaving' raised SystemExit: no licence."),
        ("waiting", "site.toml:1:1: the extension 'waiting' raised TypeError: its init_app is a coroutine"),
        ("lost", "site.toml:1:1: the extension 'lost' raised AttributeError: "),
        (
            "absent",
            "site.toml:1:1: the extension 'absent' raised ModuleNotFoundError: No module named 'bakery_nowhere'.",
        ),
    ],
)
def test_an_extension_that_fails_is_named(faults: Callable[..., list[str]], name: str, expected: str) -> None:
    [fault] = faults(site(f'["{name}"]'))
    assert fault.startswith(expected)


def test_a_freeze_makes_pages_again_when_the_extensions_change(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "bench", {**PAGE, "site.toml": '[app]\nsigner = "Ida"\n'})
    bench.agrees()
    bench.write("site.toml", 'extensions = ["signing"]\n[app]\nsigner = "Ida"\n')
    bench.agrees()
    assert (bench.output / "a/index.html").read_text() == "Ida"
    bench.edit("site.toml", "Ida", "Ada")
    bench.agrees()
    assert (bench.output / "a/index.html").read_text() == "Ada"
    bench.rests()


SETUP = """
    from engine import g, request

    def setup(app):
        @app.before_request
        def before():
            g.trail = ["site"]

        @app.context_processor
        def names():
            return {"trail": g.trail, "own": "site"}

        @app.url_defaults
        def defaults(route, params):
            params.setdefault("lang", "cy")

        @app.errorhandler(LookupError)
        def lookup(error):
            return f"site {type(error).__name__}", 418

        @app.errorhandler(Exception)
        def every(error):
            return "every", 500
"""
HOOKS = """
    from engine import errorhandler, g

    def before_request():
        g.trail.append("root")

    def context():
        return {"own": "root"}
"""


def test_hooks_of_the_site_come_before_those_of_its_directories(served: Callable[..., Served]) -> None:
    page = "---\nlayout: false\n---\n{{ trail|join(' ') }} {{ own }} {{ url_for('/[lang]/b') }}"
    files = {"app.py": SETUP, "pages/_hooks.py": HOOKS, "pages/a.html": page, "pages/[lang]/b.md": "b"}
    assert served(files).get("/a/").text == "site root root /cy/b/"


def test_the_nearest_directory_answers_for_an_error_and_then_the_site(served: Callable[..., Served]) -> None:
    near = HOOKS + "\n    @errorhandler(IndexError)\n    def index(error):\n        return 'near', 400\n"
    files = {
        "app.py": SETUP,
        "pages/_hooks.py": near,
        "pages/a.py": "def get():\n    raise KeyError('a')\n",
        "pages/b.py": "def get():\n    raise IndexError('b')\n",
    }
    door = served(files)
    assert (door.get("/a/").status, door.get("/a/").text) == (418, "site KeyError")
    assert (door.get("/b/").status, door.get("/b/").text) == (400, "near")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (
            "@app.before_request\n    def hook(request):\n        pass",
            "`hook` does not take what before_request calls it with: write hook()",
        ),
        ("@app.errorhandler(200)\n    def hook(error):\n        pass", "200 is not the status of an error"),
        (
            "@app.errorhandler(404)\n    def hook():\n        pass",
            "`hook` does not take what errorhandler calls it with: write hook(error)",
        ),
        (
            "@app.on_render\n    def hook(html):\n        pass",
            "`hook` does not take what on_render calls it with: write hook(html, page)",
        ),
        ("app.on_freeze(lambda: [])", "calls it with: write <lambda>(files)"),
        ("app.teardown_site(5)", "teardown_site takes a function, not 5"),
        ("app.template_filter(5)", "it takes a function, or the name of one, not 5"),
        ("app.add_converter('a', dict)", "takes an instance with parse(text) and format(value), not dict"),
        ("app.add_converter('a', object())", "parse(text) and format(value), not a object"),
        ("app.errorhandler(404, lambda error: '')", "needs a status or a class, as in @errorhandler(404)"),
    ],
)
def test_what_could_not_be_called_is_a_fault(faults: Callable[..., list[str]], body: str, what: str) -> None:
    [fault] = faults({"app.py": f"def setup(app):\n    {body}\n", "pages/a.md": "a"})
    assert fault.startswith("app.py:")
    assert what in fault


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("def set_up(app):\n    pass", "app.py:1: `set_up()` is never called. Did you mean `setup`?"),
        ("async def setup(app):\n    pass", "app.py: `setup` is a coroutine. Write def setup(app)."),
    ],
)
def test_a_setup_that_would_not_be_run_is_a_fault(
    faults: Callable[..., list[str]], code: str, what: str
) -> None:
    assert faults({"app.py": f"{code}\n", "pages/a.md": "a"}) == [what]


def test_a_function_of_c_may_be_called_at_the_end(served: Callable[..., Served]) -> None:
    setup = (
        "import time\n\ndef setup(app):\n    app.teardown_site([].clear)\n    app.teardown_site(time.time)\n"
    )
    assert served({"app.py": setup, "pages/a.md": "a"}).get("/a/").status == 200


def test_names_for_templates_that_are_no_mapping_name_their_hook(served: Callable[..., Served]) -> None:
    files = {
        "app.py": "def setup(app):\n    @app.context_processor\n    def names():\n        return ['a']\n",
        "pages/a.html": "a",
    }
    with pytest.raises(
        SiteError, match=r"^app.py:2: `names\(\)` gives names to templates, and returned \['a'\]"
    ):
        served(files).app.test_client().get("/a/")


ENDING = """
    class Ending:
        def __init__(self):
            self.open = True

        def init_app(self, app):
            app.extensions["ending"] = self

            @app.teardown_site
            def close():
                self.open = False

            @app.teardown_site
            def fail():
                raise LookupError("no end")

    def setup(app):
        Ending().init_app(app)
"""


def test_an_extension_is_told_when_a_load_of_the_site_is_dropped(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    app = served({**PAGE, "app.py": ENDING}).app
    ending = app.extensions["ending"]
    assert ending.open
    app.site.modules.close()
    assert not ending.open
    assert "teardown_site failed" in caplog.text


def test_a_site_with_settings_of_its_own_is_told_too(served: Callable[..., Served]) -> None:
    settings = "    from dataclasses import dataclass\n\n    @dataclass\n    class Settings:\n"
    settings += "        signer: str = ''\n"
    app = served({**PAGE, "app.py": settings + ENDING}).app
    app.site.modules.close()
    assert not app.extensions["ending"].open


def test_handlers_find_what_an_extension_keeps(served: Callable[..., Served]) -> None:
    page = "from engine import current_app\n\n\ndef get():\n    return list(current_app.extensions)\n"
    assert served({"app.py": ENDING, "pages/a.json.py": page}).get("/a.json").text == '["ending"]'


HANDLERS = """
    from engine import current_app

    def get():
        handlers = current_app.site.handlers()
        return [f"{method} {route.id} {function.__name__}" for route, method, function in handlers]
"""


def test_the_functions_of_a_site_are_told_with_their_methods_and_routes(door: Callable[..., Door]) -> None:
    view = """
        from engine import MethodView

        freeze = False

        class handler(MethodView):
            def get(self, id):
                return "x"

            def delete(self, id):
                return "x"
    """
    files = {
        "pages/list.json.py": HANDLERS,
        "pages/loaves/[id=int].py": view,
        "pages/loaves/index.py": "freeze = False\ndef post():\n    return ''\n",
        "pages/text.md": "no function",
        "pages/old/[...path].py": "def app(environ, start_response): ...\n",
    }
    assert door(files).get("/list.json").text == (
        '["GET /list.json get","GET /loaves/[id=int] get","DELETE /loaves/[id=int] delete","POST /loaves post"]'
    )


def test_a_freeze_makes_pages_again_when_what_an_extension_keeps_changes(tmp_path: Path) -> None:
    files = {
        "app.py": "def setup(app):\n    app.extensions['maps'] = {'scale': 5}\n",
        "pages/a.html": "---\nlayout: false\n---\n{{ scale() }}",
        "helper.py": "from engine import current_app\n\n"
        "def scale():\n    return current_app.extensions['maps']['scale']\n",
        "pages/_hooks.py": "from helper import scale\ndef context():\n    return {'scale': scale}\n",
    }
    bench = Bench(tmp_path / "bench", files)
    bench.agrees()
    bench.edit("app.py", "5", "6")
    bench.agrees()
    assert (bench.output / "a/index.html").read_text() == "6"


TYPED = """
from collections.abc import Iterator, Mapping

from engine import Fault, Page, Response, Site
from engine.ext.login import login_required
from engine.extensions import AfterHook, Registry


def noted(name: str) -> AfterHook:
    def note(response: Response) -> Response:
        response.headers.add("X-Noted", name)
        return response

    return note


class Shop:
    def init_app(self, app: Registry) -> None:
        app.before_request(login_required)
        app.after_request(noted("shop"))

        @app.on_load
        def titled(site: Site) -> Iterator[Fault]:
            yield from (Fault("title", page.source.path, "none") for page in site.pages if not page.title)

        @app.teardown_request
        async def end(exception: BaseException | None) -> None: ...

        @app.url_value_preprocessor
        def keep(route: str, params: dict[str, object]) -> None: ...

        @app.before_request
        def wrong(request: object) -> None: ...

        @app.after_request
        def wrong_too(response: bytes) -> bytes:
            return response

        @app.on_render
        def wrong_again(page: Page, html: str) -> str:
            return html

        @app.on_freeze
        def wrong_still(files: Mapping[str, str]) -> list[Fault]:
            return []
"""


@pytest.mark.long
def test_the_types_of_hooks_are_known_to_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "shop.py").write_text(TYPED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "shop.py"],
        cwd=tmp_path,
        env={"MYPYPATH": str(REPOSITORY), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if line.startswith("shop.py") and " error: " in line]
    wrong = re.findall(r'of "(\w+)" of "Registry" cannot be', "\n".join(errors))
    assert (len(errors), wrong) == (4, ["before_request", "after_request", "on_render", "on_freeze"]), (
        done.stdout
    )
