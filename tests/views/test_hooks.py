"""What a _hooks.py says holds for everything below it, root first; every teardown runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Door, Served

TRAIL = """
    from engine import g

    trail = []


    def before_request():
        trail.append("before {name}")


    def after_request(response):
        trail.append("after {name}")
        return response


    def teardown_request(error):
        trail.append(f"teardown {name} {{type(error).__name__}}")
"""


def test_hooks_run_root_first_and_every_teardown_runs(served: Callable[..., Served]) -> None:
    door = served(
        {
            "trail.py": "trail = []\n",
            "pages/_hooks.py": TRAIL.format(name="root").replace("trail = []", "from trail import trail"),
            "pages/deep/_hooks.py": TRAIL.format(name="deep").replace(
                "trail = []", "from trail import trail"
            ),
            "pages/deep/a.py": "def get():\n    return ''\n",
            "pages/deep/bad.py": "def get():\n    1 / 0\n",
            "pages/trail.json.py": (
                "from trail import trail\n\n\ndef get():\n    found = trail[:-1]\n    trail.clear()\n    return "
                "found\n"
            ),
        }
    )
    steps = ["before root", "before deep", "after root", "after deep"]
    assert door.get("/deep/a/").status == 200
    teardowns = '"teardown root NoneType","teardown deep NoneType"'
    said = door.get("/trail.json").text
    assert said.startswith("[" + ",".join(f'"{step}"' for step in steps))
    assert teardowns in said or '"teardown deep NoneType","teardown root NoneType"' in said
    assert door.get("/deep/bad/").status == 500
    assert "teardown root ZeroDivisionError" in door.get("/trail.json").text


def test_a_teardown_that_fails_is_told_to_a_test_and_logged_for_a_visitor(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    hooks = "def teardown_request(error):\n    raise LookupError('at the end')\n"
    app = served({"pages/_hooks.py": hooks, "pages/a.py": "def get():\n    return 'a'\n"}).app
    with pytest.raises(LookupError, match="at the end"):
        app.test_client().get("/a/")
    caplog.clear()
    assert app.test_client(propagate=False).get("/a/").text == "a"
    assert "teardown_request failed" in caplog.text


def test_context_names_are_seen_by_pages_layouts_and_render_template(door: Callable[..., Door]) -> None:
    site = door(
        {
            "pages/_hooks.py": "def context():\n    return {'who': 'root', 'other': 1}\n",
            "pages/_layout.html": "{{ who }}{{ other }}: {{ content }}",
            "pages/deep/_hooks.py": "def context():\n    return {'who': 'deep'}\n",
            "pages/a.html": "{{ who }}",
            "pages/deep/b.md": "---\nrender: jinja\n---\n{{ who }}",
            "pages/deep/c.py": (
                "from engine import render_template_string\n\n\ndef get():\n    return render_template_string('{{ "
                "who }}{{ other }}')\n"
            ),
            "pages/404.html": "{{ who }}",
        }
    )
    assert site.get("/a/").text == "root1: root"
    assert site.get("/deep/b/").text == "deep1: <p>deep</p>\n"
    assert site.get("/deep/c/").text == "deep1"
    assert site.get("/nowhere/").text == "root1: root"


@pytest.mark.parametrize("path", ["/page/", "/file.txt", "/nowhere/", "/handler/"])
def test_an_answer_below_a_hook_is_not_kept(served: Callable[..., Served], path: str) -> None:
    door = served(
        {
            "pages/_hooks.py": (
                "calls = []\n\n\ndef before_request():\n    calls.append(1)\n    if len(calls) > 2:\n        "
                "return 'closed', 403\n"
            ),
            "pages/page.md": "page",
            "pages/file.txt": "file",
            "pages/handler.py": "def get():\n    return ''\n",
        }
    )
    assert [door.get(path).status for _ in range(4)][2:] == [403, 403]


def test_a_hook_that_fails_is_an_error_page_and_no_way_in(served: Callable[..., Served]) -> None:
    door = served({"pages/_hooks.py": "def before_request():\n    1 / 0\n", "pages/secret.md": "secret"})
    answer = door.get("/secret/")
    assert (answer.status, "secret" in answer.text) == (500, False)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("engine.after_this_request(lambda response: 1 / 0)", "ZeroDivisionError"),
        ("engine.session['who'] = object()", "The session holds what a cookie cannot"),
    ],
)
@pytest.mark.parametrize("hooks", ["", "def before_request():\n    pass\n"])
def test_what_fails_after_the_page_is_an_error_page(
    served: Callable[..., Served], handler: str, said: str, hooks: str, caplog: pytest.LogCaptureFixture
) -> None:
    files = {
        "pages/_hooks.py": hooks,
        "pages/a.py": f"import engine\n\n\ndef get():\n    {handler}\n    return 'a'\n",
        "pages/500.py": "def get():\n    return 'sorry'\n",
    }
    answer = served(files, secret_key="x").get("/a/")
    assert (answer.status, answer.text) == (500, "sorry")
    assert said in caplog.text


ORDER = """
from engine import after_this_request

def noted(name):
    def note(response):
        response.headers["X-Order"] = ", ".join([*response.headers.getlist("X-Order"), name])
        return response
    return note

def before_request():
    after_this_request(noted("asked by a hook"))

def after_request(response):
    after_this_request(noted("asked late"))
    return noted("after_request")(response)
"""


def test_what_a_request_asks_for_is_done_before_after_request_as_in_flask(
    served: Callable[..., Served],
) -> None:
    page = """
        from _order import noted
        from engine import after_this_request

        def asks_again(response):
            after_this_request(noted("asked meanwhile"))
            return noted("asked by the page")(response)

        def get():
            after_this_request(asks_again)
            return "a"
        """
    door = served({"pages/_hooks.py": ORDER, "_order.py": ORDER, "pages/a.py": page})
    order = "asked by a hook, asked by the page, asked meanwhile, after_request, asked late"
    assert door.get("/a/").headers["X-Order"] == order


def test_what_a_request_asks_for_is_done_though_another_thing_of_it_fails(
    served: Callable[..., Served],
) -> None:
    page = """
        from engine import after_this_request

        def fails(response):
            1 / 0

        def signs(response):
            response.headers["X-Signed"] = "yes"

        def get():
            after_this_request(fails)
            after_this_request(signs)
            return "a"
        """
    answer = served({"pages/a.py": page}).get("/a/")
    assert (answer.status, answer.headers["X-Signed"]) == (500, "yes")


def test_a_guard_may_redirect_and_keeps_the_query_to_itself(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/members/_hooks.py": (
                "from engine import redirect, request\n\n\ndef before_request():\n    if not "
                "request.cookies.get('in'):\n        return redirect('/login/')\n"
            ),
            "pages/members/a.md": "secret",
            "pages/login.md": "login",
        }
    )
    answer = door.get("/members/a/?x=1")
    assert (answer.status, answer.headers["Location"]) == (303, "/login/")
    door.client.set_cookie("in", "1")
    assert "secret" in door.get("/members/a/").text
    door.client.delete_cookie("in")
    assert door.get("/members/a/").status == 303


def test_a_hook_that_returns_what_is_no_response_is_named(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    door = served({"pages/_hooks.py": "def after_request(response):\n    pass\n", "pages/a.md": "a"})
    assert door.get("/a/").status == 500
    assert "pages/_hooks.py:1: `after_request()` returned None." in caplog.text
    assert "Return the response that it was given" in caplog.text


@pytest.mark.parametrize(
    ("hooks", "fault"),
    [
        (
            "def befor_request():\n    pass\n",
            "1: `befor_request()` is no hook. Did you mean `before_request`? "
            "A function of your own has another name.",
        ),
        (
            "def error_handlers(error):\n    pass\n",
            "1: `error_handlers()` is no hook. Did you mean `error_handler`? "
            "A function of your own has another name.",
        ),
        (
            "# one\n# two\ndef before_request(request):\n    pass\n",
            "3: `before_request()` does not take what it is called with. "
            "Write before_request(), and give other parameters a default.",
        ),
        (
            "def after_request():\n    pass\n",
            "1: `after_request()` does not take what it is called with. "
            "Write after_request(response), and give other parameters a default.",
        ),
    ],
)
def test_a_hook_that_could_not_be_called_is_a_fault(
    faults: Callable[..., list[str]], hooks: str, fault: str
) -> None:
    assert faults({"pages/_hooks.py": hooks, "pages/a.md": "x"}) == [f"pages/_hooks.py:{fault}"]


@pytest.mark.parametrize(
    "code",
    [
        "def before_request():\n    pass",
        "from engine import errorhandler\n@errorhandler(404)\ndef gone(e):\n    pass",
    ],
)
def test_a_hook_in_a_page_is_a_fault(faults: Callable[..., list[str]], code: str) -> None:
    [fault] = faults({"pages/a.py": f"{code}\n\ndef get():\n    return ''\n"})
    assert fault.endswith(" is a hook in a page. Move it to the _hooks.py of the directory.")


def test_a_hook_that_is_no_function_is_a_fault(faults: Callable[..., list[str]]) -> None:
    assert faults({"pages/_hooks.py": "before_request = None\ncontext = {'a': 1}\n", "pages/a.md": "a"}) == [
        "pages/_hooks.py: `before_request` is no function. Write def before_request(…).",
        "pages/_hooks.py: `context` is no function. Write def context(…).",
    ]


def test_a_hook_may_call_its_parameters_what_it_likes_and_have_helpers(
    faults: Callable[..., list[str]],
) -> None:
    hooks = """
        from engine import after_this_request

        def content():
            pass

        def after_request(answer, more=1):
            return answer

        def teardown_request(*anything):
            pass
        """
    assert faults({"pages/_hooks.py": hooks, "pages/a.md": "x"}) == []


LANGUAGE = """
from engine import g

def url_value_preprocessor(route, params):
    g.language = params["lang"] = params.get("lang", "xx").upper()

def url_defaults(route, params):
    params.setdefault("lang", "fr")
"""


def test_the_parameters_of_urls_pass_through_hooks(served: Callable[..., Served]) -> None:
    files = {
        "pages/[lang]/_hooks.py": LANGUAGE,
        "pages/[lang]/about.py": (
            "from engine import g, url_for\nfreeze = False\n"
            "def get(lang):\n"
            "    return ' '.join([lang, g.language, url_for('/[lang]/about'), url_for('/[lang]/about', lang='de'), "
            "url_for('/plain')])\n"
        ),
        "pages/plain.py": (
            "from engine import url_for\n"
            "def get():\n    try:\n        return url_for('/[lang]/about')\n"
            "    except Exception as error:\n        return str(error)\n"
        ),
    }
    opened = served(files)
    assert opened.get("/it/about/").text == "IT IT /fr/about/ /de/about/ /plain/"
    assert "lang" in opened.get("/plain/").text, "what is elsewhere knows nothing of it"


def test_a_url_without_a_page_has_the_parameters_of_its_directory(served: Callable[..., Served]) -> None:
    hooks = LANGUAGE + "\ndef context():\n    return {'language': g.language}\n"
    opened = served(
        {
            "pages/[lang]/_hooks.py": hooks.replace('.get("lang", "xx")', '["lang"]'),
            "pages/[lang]/404.html": "---\nlayout: false\n---\nnothing in {{ language }}",
            "pages/[lang]/about.md": "x",
        }
    )
    for language in ("it", "de"):
        answer = opened.get(f"/{language}/no/such/page/")
        assert (answer.status, answer.text) == (404, f"nothing in {language.upper()}")


DECORATED = """
from engine import g, url_defaults, url_value_preprocessor

@url_value_preprocessor
def language(route, params):
    g.language = params["lang"] = params["lang"].upper()

@url_defaults
def of_it(route, params):
    params.setdefault("lang", g.language)

@url_defaults
def small(route, params):
    params["lang"] = params["lang"].lower()
"""


def test_those_of_urls_may_have_names_of_their_own(served: Callable[..., Served]) -> None:
    page = "from engine import url_for\nfreeze = False\ndef get(lang):\n    return lang + url_for('/[lang]/about')\n"
    opened = served({"pages/[lang]/_hooks.py": DECORATED, "pages/[lang]/about.py": page})
    assert opened.get("/it/about/").text == "IT/it/about/"


def test_what_a_decorator_makes_a_hook_is_one(faults: Callable[..., list[str]]) -> None:
    code = "from engine import url_defaults\n@url_defaults\ndef {}(route):\n    pass\n"
    takes = "does not take what it is called with"
    for name in ("small", "url_defaults"):
        [fault] = faults({"pages/_hooks.py": code.format(name), "pages/a.md": "a"})
        assert fault.startswith(f"pages/_hooks.py:2: `{name}()` {takes}. Write {name}(route, params)")
    page = code.format("small") + "def get():\n    return ''\n"
    [fault] = faults({"pages/_hooks.py": "", "pages/a.py": page})
    assert fault.startswith("pages/a.py:2: `small()` is a hook in a page.")


def test_a_context_that_returns_no_mapping_is_named(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    hooks = "# one\n\ndef context():\n    return [('who', 'somebody')]\n"
    door = served({"pages/_hooks.py": hooks, "pages/a.html": "{{ who }}"})
    assert door.get("/a/").status == 500
    said = "pages/_hooks.py:3: `context()` gives names to templates, and returned [('who', 'somebody')]."
    assert f"{said} Return a mapping, such as a dict." in caplog.text
