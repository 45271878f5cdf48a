"""All JSON of a site goes through one provider, which a site can replace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Door, Files, Served, write_site
from engine import SiteError

APP = """
    from engine import JSONProvider

    class Money:
        def __init__(self, pence):
            self.pence = pence

    class Provider(JSONProvider):
        def default(self, value):
            return f"£{value.pence / 100:.2f}" if isinstance(value, Money) else super().default(value)

        def loads(self, data):
            return {"read": super().loads(data)}

    def setup(app):
        app.json_provider(Provider())
"""
FILES: Files = {
    "app.py": APP,
    "pages/a.json.py": """
        import datetime
        from app import Money

        def get():
            return [Money(250), datetime.date(2026, 1, 2)]
    """,
    "pages/b.py": """
        from app import Money
        from engine import jsonify

        def get():
            return jsonify(price=Money(5))
    """,
    "pages/c.py": "def post(request):\n    return request.json\n",
    "pages/d.py": "from app import Money\n\n\ndef get():\n    return {'m': Money(100)}\n",
    "pages/d.html": "---\nlayout: false\n---\n{{ {'b': m, 'a': 1}|tojson }}",
}


def test_values_are_written_as_the_provider_says(door: Callable[..., Door]) -> None:
    files = {name: text for name, text in FILES.items() if name in ("app.py", "pages/a.json.py")}
    assert door(files).get("/a.json").text == '["£2.50","2026-01-02"]'


@pytest.mark.parametrize(("app", "expected"), [(APP, {"read": [1.5]}), ("", [1.5])])
def test_code_of_the_site_finds_it_at_the_app(
    served: Callable[..., Served], app: str, expected: object
) -> None:
    page = (
        "from engine import current_app\n\n\ndef get():\n    return {'v': current_app.json.loads('[1.5]')}\n"
    )
    door = served({"app.py": app, "pages/a.py": page})
    assert door.client.get("/a/").json == {"v": expected}
    assert door.app.json.dumps([1]) == "[1]"


def test_jsonify_and_requests_and_templates_use_it(served: Callable[..., Served]) -> None:
    client = served(FILES).client
    assert client.get("/b/").json == {"price": "£0.05"}
    assert client.post("/c/", json=[1]).json == {"read": [1]}
    assert client.get("/d/").text == '{"a": 1, "b": "\\u00a31.00"}'


def test_other_sites_of_the_process_have_their_own(
    served: Callable[..., Served], tmp_path_factory: pytest.TempPathFactory
) -> None:
    served(FILES)

    other = Served(
        write_site(
            tmp_path_factory.mktemp("other"), {"pages/c.py": "def post(request):\n    return request.json\n"}
        )
    )
    assert other.client.post("/c/", json=[1]).json == [1]


def test_tojson_writes_dates_without_a_provider(door: Callable[..., Door]) -> None:
    page = "---\nlayout: false\nwhen: 2026-01-02\n---\n{{ page.meta.when|tojson }}"
    assert door({"pages/a.html": page}).get("/a/").text == '"2026-01-02"'


def test_what_has_no_json_is_told_at_its_handler(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    deep = "def get():\n    value = []\n    for _ in range(99_999):\n        value = [value]\n    return [value]\n"
    assert served({**FILES, "pages/deep.py": deep}).get("/deep/").status == 500
    [record] = caplog.records
    assert record.getMessage().startswith("pages/deep.py:1: ")
    assert "it is nested too deeply" in record.getMessage()


def test_a_lone_surrogate_is_sent_as_it_came(served: Callable[..., Served]) -> None:
    page = "def get():\n    return {'a': '\\ud800'}\n"
    assert served({**FILES, "pages/e.py": page}).get("/e/").body == b'{"a":"\\ud800"}'


@pytest.mark.long
def test_a_class_in_the_place_of_a_provider_is_a_fault(faults: Callable[..., list[str]]) -> None:
    [fault] = faults({"app.py": APP.replace("Provider())", "Provider)")})
    assert fault.startswith("app.py:15: `setup()` raised TypeError: json_provider() takes an instance")


def test_a_provider_that_writes_no_text_is_told(served: Callable[..., Served]) -> None:
    app = """
        from engine import JSONProvider

        class Provider(JSONProvider):
            def dumps(self, value):
                return b"{}"

        def setup(app):
            app.json_provider(Provider())
    """
    page = "freeze = False\n\n\ndef get():\n    return {}\n"
    with pytest.raises(SiteError, match=r"dumps.. of its JSON provider must return text, and returned bytes"):
        served({"app.py": app, "pages/a.py": page}).app.test_client().get("/a/")
