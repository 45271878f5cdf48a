"""Every answer has headers that keep browsers from harm, unless the page or the site says otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from doors import Files, Served
from engine import create_app

DEFAULTS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": "frame-ancestors 'self'",
}
FILES: Files = {
    "site.toml": "[redirects]\n'/old/' = '/page/'\n",
    "pages/page.md": "# A page",
    "pages/handler.py": "def get():\n    return 'text'\n",
    "pages/data.json.py": "def get():\n    return {}\n",
    "pages/stream.py": "def get():\n    return iter(['a'])\n",
    "pages/response.py": "from engine import Response\n\n\ndef get():\n    return Response('a', 202)\n",
    "pages/broken.py": "def get():\n    return 1 / 0\n",
    "pages/style.css": "p {}",
    "pages/large.txt": b"x" * 1_100_000,
    "pages/hooked/_hooks.py": "def after_request(response):\n    return response\n",
    "pages/hooked/page.md": "a",
    "pages/hooked/style.css": "p {}",
}
PATHS = [
    *("/page/", "/handler/", "/data.json", "/stream/", "/response/", "/broken/", "/style.css", "/large.txt"),
    *("/hooked/page/", "/hooked/style.css", "/nothing/", "/page", "/old/"),
]


@pytest.mark.parametrize("path", PATHS)
def test_every_kind_of_answer_has_them_once(served: Callable[..., Served], path: str) -> None:
    client = served(FILES).client
    for _ in range(2):  # made, and kept
        with client.get(path) as answer:
            assert {name: answer.headers.getlist(name) for name in DEFAULTS} == {
                name: [value] for name, value in DEFAULTS.items()
            }


def test_who_is_refused_has_them_too(served: Callable[..., Served]) -> None:
    door = served(FILES, trusted_hosts=("example.org",))
    page = door.client.get("/page/")
    data = door.client.get("/page/", headers={"Accept": "application/json"})
    assert [{name: it.headers.get(name) for name in DEFAULTS} for it in (page, data)] == [DEFAULTS] * 2
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert (data.status_code, data.content_type) == (400, "application/problem+json")
    assert data.json["detail"] == "This host is not served here."


def test_an_answer_keeps_its_own(served: Callable[..., Served]) -> None:
    page = """
        from engine import Response

        def get():
            return Response("a", headers={"referrer-policy": "no-referrer"})
    """
    headers = served({"pages/a.py": page}).client.get("/a/").headers
    assert headers.getlist("Referrer-Policy") == ["no-referrer"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_settings_change_add_and_leave_out(served: Callable[..., Served]) -> None:
    settings = """
        [headers]
        referrer-policy = "no-referrer"
        X-Content-Type-Options = ""
        Permissions-Policy = "camera=()"
    """
    headers = served({"pages/a.md": "a", "site.toml": settings}).client.get("/a/").headers
    assert headers.getlist("Referrer-Policy") == ["no-referrer"]
    assert "X-Content-Type-Options" not in headers
    assert headers["Permissions-Policy"] == "camera=()"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('"Set-Cookie" = "a=b"', "`headers` cannot have 'Set-Cookie'."),
        ('"Content-Type" = "text/plain"', "`headers` cannot have 'Content-Type'."),
        ('"X Y" = "a"', "`headers` cannot have 'X Y'."),
        ('X = "a\\nSet-Cookie: b"', "`headers.X` must be text in one line of ASCII"),
        ("X = 3", "`headers.X` must be text in one line of ASCII, not 3."),
    ],
)
def test_a_header_that_cannot_be_for_every_answer_is_a_fault(
    faults: Callable[..., list[str]], line: str, what: str
) -> None:
    [fault] = faults({"site.toml": f"[headers]\n{line}\n", "pages/a.md": "a"})
    assert fault.startswith("site.toml:2:1: ")
    assert what in fault


POLICY = "[headers]\nContent-Security-Policy = \"default-src 'self'; script-src 'self' 'nonce'\"\n"
SCRIPT = "---\nlayout: false\n---\n<script nonce='{{ csp_nonce() }}'></script>{{ csp_nonce() }}"


def test_a_page_that_asks_for_a_nonce_has_it_in_its_policy_each_time_another(
    served: Callable[..., Served],
) -> None:
    door = served({"pages/a.html": SCRIPT, "site.toml": POLICY})
    seen = set()
    for _ in range(3):
        answer = door.get("/a/")
        [nonce] = set(re.findall(r"nonce='(.*?)'", answer.text))
        assert answer.text.endswith(nonce)
        assert (
            answer.headers["Content-Security-Policy"]
            == f"default-src 'self'; script-src 'self' 'nonce-{nonce}'"
        )
        seen.add(nonce)
    assert len(seen) == 3


def test_a_page_that_asks_for_a_nonce_while_it_is_streamed_has_it_in_its_policy(
    served: Callable[..., Served],
) -> None:
    page = """
        from engine import stream_template
        freeze = False
        def get():
            return stream_template("a.html")
    """
    script = "{{ 'x' * 9000 }}<script nonce='{{ csp_nonce() }}'></script>"
    answer = served({"pages/a.py": page, "templates/a.html": script, "site.toml": POLICY}).get("/a/")
    [nonce] = set(re.findall(r"nonce='(.+?)'", answer.text))
    assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]


def test_a_page_without_a_nonce_has_none_in_its_policy(served: Callable[..., Served]) -> None:
    headers = served({"pages/a.md": "a", "site.toml": POLICY}).get("/a/").headers
    assert headers["Content-Security-Policy"] == "default-src 'self'; script-src 'self'"


def test_a_page_with_a_nonce_is_not_frozen(served: Callable[..., Served]) -> None:
    from engine.freeze.freeze import FreezeOptions, freeze

    door = served({"pages/a.html": SCRIPT, "site.toml": POLICY})
    report = freeze(create_app(door.app.root), FreezeOptions(f"{door.app.root}/dist", jobs=1))
    assert "pages/a.html:4: /a/ asks for a nonce, so that it would differ from visitor to visitor" in str(
        report.faults[0]
    )


@pytest.mark.parametrize(
    "page",
    [
        "def get():\n    return 'a', {'HX-Trigger': 'paid: 5 €'}\n",
        "from engine import make_response\n\n\ndef get():\n    it = make_response('a')\n"
        "    it.headers.add('HX-Trigger', 'paid: 5 €')\n    return it\n",
        "def get():\n    return iter(['a']), {'HX-Trigger': 'paid: 5 €'}\n",
    ],
)
def test_a_header_that_no_server_can_send_is_named(
    served: Callable[..., Served], page: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert served({"pages/a.py": page}).get("/a/").status == 500
    assert "pages/a.py: the header HX-Trigger of an answer holds '€', and headers are Latin-1." in caplog.text


def test_what_latin_1_has_and_where_a_redirect_leads_may_be_in_a_header(
    served: Callable[..., Served],
) -> None:
    page = """
        from engine import redirect

        def get():
            return redirect("/5 €/"), {"X-Name": "Zoë"}
        """
    answer = served({"pages/a.py": page}).get("/a/")
    assert (answer.status, answer.headers["X-Name"]) == (303, "Zoë")
    assert answer.headers["Location"] == "/5%20%E2%82%AC/"
