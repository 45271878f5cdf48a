"""A page that would not be the same for every visitor is refused, at the line that made it so."""

from __future__ import annotations

import pytest

from freeze_tools import Freezer

READS = {
    "session": ('session.get("user")', "reads the session"),
    "cookies": ('request.cookies.get("a")', "reads cookies"),
    "headers": ('request.headers.get("User-Agent")', "reads the headers of the request"),
    "user agent": ("request.user_agent.string", "reads the headers of the request"),
    "query": ('request.args.get("q")', "reads the query string"),
    "host": ("request.host", "reads the host of the request"),
    "address": ("request.remote_addr", "reads the address of the visitor"),
    "body": ("request.get_data()", "reads the body of the request"),
}
LEAVE = "Say `freeze = False` to leave the page to the server."


@pytest.mark.parametrize("read", READS)
def test_a_handler_that_reads_its_visitor_is_refused_at_its_line(freezer: Freezer, read: str) -> None:
    code, says = READS[read]
    page = f"""
        from engine import request, session


        def get():
            value = {code}
            return f"{{value}}"
    """
    faults = freezer.faults({"pages/page.py": page}, secret_key="x")
    assert len(faults) == 1
    assert faults[0].startswith(
        f"pages/page.py:5: /page/ {says}, so that it would differ from visitor to visitor."
    )


def test_code_that_a_handler_calls_is_blamed_where_it_reads(freezer: Freezer) -> None:
    files = {
        "helper.py": "from engine import request\n\n\ndef who():\n    return request.cookies.get('who')\n",
        "pages/page.py": "from helper import who\n\n\ndef get():\n    return str(who())\n",
    }
    assert freezer.faults(files) == [
        f"helper.py:5: /page/ reads cookies, so that it would differ from visitor to visitor. {LEAVE}"
    ]


def test_a_template_that_reads_its_visitor_is_refused_at_its_line(freezer: Freezer) -> None:
    files = {"pages/page.html": "---\ntitle: x\n---\n\n<p>{{ request.args.q }}</p>\n"}
    assert freezer.faults(files) == [
        f"pages/page.html:5: /page/ reads the query string, so that it would differ from visitor to visitor. {LEAVE}"
    ]


@pytest.mark.parametrize("key", ["x", ""])
def test_a_layout_that_reads_the_session_is_refused_for_each_page(freezer: Freezer, key: str) -> None:
    files = {
        "pages/_layout.html": "<main>\n{{ session.user }}\n{{ content }}</main>",
        "pages/a.md": "a",
        "pages/b.md": "b",
    }
    faults = freezer.faults(files, secret_key=key)
    assert [fault.partition(" reads the session")[0] for fault in faults] == [
        "pages/_layout.html:2: /a/",
        "pages/_layout.html:2: /b/",
    ]


def test_a_hook_that_reads_the_session_is_refused_for_all_below(freezer: Freezer) -> None:
    files = {
        "pages/members/_hooks.py": """
            from engine import redirect, session


            def before_request():
                if "user" not in session:
                    return redirect("/login/")
        """,
        "pages/members/page.md": "secret",
        "pages/members/photo.svg": "<svg/>",
        "pages/open.md": "open",
    }
    faults = freezer.faults(files, secret_key="x")
    assert [fault.partition(" reads the session")[0] for fault in faults] == [
        "pages/members/_hooks.py:5: /members/page/",
        "pages/members/_hooks.py:5: /members/photo.svg",
    ]
    assert not freezer.output.exists()


@pytest.mark.parametrize("status", [400, 403, 404, 410, 500, 503])
def test_an_error_is_refused(freezer: Freezer, status: int) -> None:
    page = f"from engine import abort\n\n\ndef get():\n    abort({status})\n"
    assert freezer.faults({"pages/page.py": page}) == [
        f"pages/page.py: /page/ answers {status}, not 200. {LEAVE}"
    ]


def test_another_status_than_200_is_refused(freezer: Freezer) -> None:
    assert freezer.faults({"pages/page.py": 'def get():\n    return "", 204\n'}) == [
        f"pages/page.py: /page/ answers 204, not 200. {LEAVE}"
    ]


def test_a_page_that_sets_a_cookie_is_refused(freezer: Freezer) -> None:
    page = """
        from engine import make_response


        def get():
            response = make_response("x")
            response.set_cookie("a", "b")
            return response
    """
    assert freezer.faults({"pages/page.py": page}) == [f"pages/page.py: /page/ sets a cookie. {LEAVE}"]


def test_a_page_that_writes_the_session_is_refused_once(freezer: Freezer) -> None:
    page = 'from engine import flash\n\n\ndef get():\n    flash("hello")\n    return ""\n'
    faults = freezer.faults({"pages/page.py": page}, secret_key="x")
    assert [fault.partition(", so")[0] for fault in faults] == ["pages/page.py:5: /page/ reads the session"]


def test_a_page_that_is_marked_private_is_refused(freezer: Freezer) -> None:
    page = 'def get():\n    return "", {"Cache-Control": "private"}\n'
    assert freezer.faults({"pages/page.py": page}) == [
        f"pages/page.py: /page/ is marked private by Cache-Control. {LEAVE}"
    ]


def test_a_type_that_no_host_would_send_is_refused(freezer: Freezer) -> None:
    files = {
        "pages/api.py": 'def get():\n    return {"a": 1}\n',
        "pages/feed.xml.py": 'def get():\n    return "", {"Content-Type": "application/rss+xml"}\n',
    }
    name_it = "Give the page a name with the suffix of its type, as data.json.py."
    assert freezer.faults(files) == [
        f"pages/api.py: /api/ is application/json, but a host would send api/index.html as text/html. {name_it}",
        f"pages/feed.xml.py: /feed.xml is application/rss+xml, but a host would send feed.xml as "
        f"application/xml. {name_it}",
    ]


def test_a_form_handler_is_refused(freezer: Freezer) -> None:
    files = {
        "pages/form.py": 'def get():\n    return ""\n\n\ndef post():\n    return ""\n',
        "pages/only-post.py": 'def post():\n    return ""\n',
        "pages/nothing.py": 'def options():\n    return ""\n',
    }
    leave = "Say `freeze = False` in it to leave it to the server."
    assert freezer.faults(files) == [
        f"pages/form.py: answers POST, which a static host cannot. {leave}",
        f"pages/nothing.py: does not answer GET. {leave}",
        f"pages/only-post.py: answers POST, which a static host cannot. {leave}",
    ]


def test_a_route_whose_pages_nobody_names_is_refused(freezer: Freezer) -> None:
    assert freezer.faults({"pages/[slug].py": "def get(slug):\n    return slug\n"}) == [
        "pages/[slug].py: nothing says which pages /[slug] has: no static_params(), and no frozen page links to one. "
        "Define static_params(), or say `freeze = False`."
    ]


def test_freeze_false_leaves_a_page_to_the_server(freezer: Freezer) -> None:
    report = freezer(
        {
            "pages/a.md": "---\nfreeze: false\n---\na",
            "pages/b.py": 'from engine import session\n\nfreeze = False\n\n\ndef get():\n    return session["x"]\n',
            "pages/[c].py": "freeze = False\n\n\ndef post(c):\n    return c\n",
            "pages/below/_data.yaml": "freeze: false",
            "pages/below/d.py": "def post():\n    return ''\n",
            "pages/below/e.txt": "an asset",
            "pages/kept.md": "kept",
        }
    )
    assert report.faults == ()
    assert report.written == ["404.html", "kept/index.html"]


def test_a_handler_that_raises_is_named_at_its_line(freezer: Freezer) -> None:
    files = {
        "helper.py": "def broken():\n    return {}['key']\n",
        "pages/a.py": "from helper import broken\n\n\ndef get():\n    return broken()\n",
        "pages/b.py": "def get():\n    return\n",
        "pages/c.py": "def get():\n    return object()\n",
        "pages/d.py": 'def get():\n    yield "x"\n    raise ValueError("late")\n',
    }
    faults = freezer.faults(files)
    assert faults[0] == "helper.py:2: /a/ failed: KeyError: 'key'."
    assert faults[1].startswith("pages/b.py:1: `get()` returned None.")
    assert faults[2].startswith("pages/c.py:1: `get()` returned an object of the type object.")
    assert faults[3] == "pages/d.py:3: /d/ failed: ValueError: late."


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_handler_that_exits_or_recurses_is_named_and_all_others_are_asked(
    freezer: Freezer, jobs: int
) -> None:
    files = {
        "pages/exits.py": "import sys\n\n\ndef get():\n    sys.exit(0)\n",
        "pages/recurses.py": "def get():\n    return get()\n",
        "pages/late.py": 'def get():\n    yield "x"\n    raise SystemExit\n',
        **{f"pages/p{number}.py": 'def get():\n    return ""\n' for number in range(64)},
    }
    faults = freezer.faults(files, jobs=jobs)
    assert [fault.partition(":")[0] for fault in faults] == [
        "pages/exits.py",
        "pages/late.py",
        "pages/recurses.py",
    ]
    assert faults[0] == "pages/exits.py:5: /exits/ failed: SystemExit: 0."
    assert faults[1] == "pages/late.py:3: /late/ failed: SystemExit."
    assert "RecursionError" in faults[2]


def test_a_body_that_reads_its_visitor_while_it_streams_is_refused(freezer: Freezer) -> None:
    page = 'def get(request):\n    yield "x"\n    yield request.args.get("q", "")\n'
    assert freezer.faults({"pages/page.py": page}) == [
        f"pages/page.py:3: /page/ reads the query string, so that it would differ from visitor to visitor. {LEAVE}"
    ]


def test_a_template_that_fails_is_named_at_its_line(freezer: Freezer) -> None:
    files = {
        "pages/a.html": "<p>\n{{ nothing.of.this }}</p>",
        "pages/b.html": "{% include 'missing.html' %}",
        "pages/c.html": "<p>\n{{ 1 | nofilter }}",
        "pages/d.xml.jinja": "<d>\n\n{% for %}",
        "pages/e.html": "{{ 1 / 0 }}",
        "pages/f.md": "---\nrender: jinja\n---\n\n\n{{ 1 + }}",
        "pages/h.md": "---\nrender: jinja\n---\ntext\n\n{{ x.y.z }}",
    }
    found = [fault.split(": ")[0] for fault in freezer.faults(files)]
    assert found == [
        "pages/a.html:2",
        "pages/b.html:1",
        "pages/c.html:2",
        "pages/d.xml.jinja:3",
        "pages/e.html:1",
        "pages/f.md:6",
        "pages/h.md:6",
    ]


def test_all_failures_are_collected_and_then_nothing_is_published(freezer: Freezer) -> None:
    assert freezer({"pages/index.md": "old"}).published
    old = freezer.tree
    report = freezer(
        {
            "pages/index.md": "new [dead](/dead/link/)",
            "pages/cookie.py": "from engine import request\n\n\ndef get():\n    return str(request.cookies)\n",
            "pages/form.py": "def post():\n    return ''\n",
            "pages/[slug].py": "def get(slug):\n    return slug\n",
            "pages/raises.py": "def get():\n    raise ValueError\n",
        }
    )
    assert [fault.code for fault in report.faults] == [
        "freeze-unreached",
        "freeze-visitor",
        "freeze-method",
        "dead-link",
        "page-failed",
    ]
    assert not report.published
    assert freezer.tree == old


def test_keep_going_publishes_what_is_sound_and_reports_all_the_same(freezer: Freezer) -> None:
    report = freezer(
        {
            "pages/index.md": "sound",
            "pages/raises.py": "def get():\n    raise ValueError\n",
            "pages/status.py": "def get():\n    return '', 500\n",
        },
        keep_going=True,
    )
    assert [fault.code for fault in report.faults] == ["page-failed", "freeze-status"]
    assert report.published
    assert report.written == ["404.html", "index.html"]


def test_a_mistake_in_a_layout_of_many_pages_is_told_once(freezer: Freezer) -> None:
    pages = {f"pages/p{n}.md": "Text" for n in range(9)}
    layout = "{{ content }}\n{{ 1 / 0 }}"
    assert freezer.faults({**pages, "pages/_layout.html": layout}) == [
        "pages/_layout.html:2: /p0/ (and 8 other pages) failed: ZeroDivisionError: division by zero."
    ]


def test_a_few_pages_are_named(freezer: Freezer) -> None:
    pages = {f"pages/p{n}.md": "Text" for n in range(3)}
    layout = "{{ content }}\n{{ 1 / 0 }}"
    assert freezer.faults({**pages, "pages/_layout.html": layout}) == [
        f"pages/_layout.html:2: /p{n}/ failed: ZeroDivisionError: division by zero." for n in range(3)
    ]
