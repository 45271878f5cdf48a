"""What one request may bring, and for which hosts: the settings hold at the door, and large files go to the disk."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder, encode_multipart

from doors import Served

TAKES = """
    from engine import request

    def post():
        return {"fields": len(request.form), "rest": len(request.get_data())}
"""
EACH = "A form may have {} fields, and each may have {} bytes."


def file() -> dict[str, Any]:
    return {"file": (io.BytesIO(b""), "b.txt")}


@pytest.mark.parametrize(
    ("settings", "sent", "said"),
    [
        ({"limits__body": 100}, {"json": "x" * 100}, "The body may have 100 bytes."),
        ({"limits__body": 100}, {"data": {"a": "x" * 100}}, "The body may have 100 bytes."),
        ({"limits__body": 100}, {"data": {"a": (io.BytesIO(b"x"), "a.txt")}}, "The body may have 100 bytes."),
        ({"limits__form_memory": 100}, {"data": {"a": "x" * 101}}, "A form may have 100 bytes."),
        (
            {"limits__form_memory": 2_000},
            {"data": {"a": "x" * 2_001, **file()}},
            EACH.format("1,000", "2,000"),
        ),
        ({"limits__form_parts": 2}, {"data": {"a": "1", "b": "2", "c": "3"}}, "A form may have 2 fields."),
        ({"limits__form_parts": 2}, {"data": {"a": "1", "b": "2", **file()}}, EACH.format("2", "500,000")),
    ],
)
def test_a_request_over_a_limit_is_413_and_is_told_which(
    served: Callable[..., Served], settings: dict[str, Any], sent: dict[str, Any], said: str
) -> None:
    client = served({"pages/a.py": TAKES}, **settings).client
    # Of the bytes, as Werkzeug's client would close the file that it has sent.
    environ = EnvironBuilder("/a/", method="POST", **sent).get_environ()
    kind, body = environ["CONTENT_TYPE"], environ["wsgi.input"].read()
    answer = client.post("/a/", data=body, content_type=kind)
    assert (answer.status_code, f"<p>{said}</p>" in answer.text) == (413, True)
    answer = client.post("/a/", data=body, content_type=kind, headers={"Accept": "application/json"})
    assert answer.json["detail"] == said


@pytest.mark.parametrize(("size", "is_on_disk"), [(1_000, False), (1_000_000, True)])
def test_a_large_file_that_is_sent_goes_to_the_disk(
    served: Callable[..., Served], size: int, is_on_disk: bool
) -> None:
    page = """
        from engine import request

        def post():
            file = request.files["photo"]
            return {"disk": getattr(file.stream, "_rolled", None), "size": len(file.read())}
    """
    # Of the bytes, as Werkzeug's client would leave a file of its own open.
    boundary, body = encode_multipart({"photo": FileStorage(io.BytesIO(bytes(size)), "a.png")})
    kind = f"multipart/form-data; boundary={boundary}"
    answer = served({"pages/a.py": page}).client.post("/a/", data=body, content_type=kind)
    assert answer.json == {"disk": is_on_disk, "size": size}


@pytest.mark.parametrize(("field", "status"), [(1_000, 200), (1_001, 413)])
def test_a_small_limit_on_fields_holds_for_each_and_for_no_file(
    served: Callable[..., Served], field: int, status: int
) -> None:
    sent = {"a": "x" * field, "b": "x" * 1_000, "c": (io.BytesIO(b"\n" * 300_000), "c.txt")}
    client = served({"pages/a.py": TAKES}, limits__form_memory=1_000).client
    assert client.post("/a/", data=sent).status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("example.org", 200),
        ("www.example.org", 200),
        ("example.org:8000", 200),
        ("evil.example", 400),
        ("example.org.evil.example", 400),
        ("evilexample.org", 400),
        ("", 400),
    ],
)
@pytest.mark.parametrize("path", ["/", "/a/", "/no-such-page/"])
def test_a_host_that_is_not_trusted_is_400(
    served: Callable[..., Served], host: str, status: int, path: str
) -> None:
    files = {"pages/index.md": "Start", "pages/a.py": "def get():\n    return 'a'\n"}
    client = served(files, trusted_hosts=[".example.org"]).client
    client.get(path, headers={"Host": "example.org"})  # what is kept by now is not for other hosts either
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == (404 if status == 200 and path == "/no-such-page/" else status)
    assert status == 200 or "This host is not served here." in answer.text


def test_a_limit_that_would_refuse_browsers_is_a_fault(faults: Callable[..., list[str]]) -> None:
    assert faults({"site.toml": "[limits]\nheaders = 100\n", "pages/a.md": "a"}) == [
        "site.toml:2:1: `limits.headers` must be 8,192 or more, not 100. A browser may send as much."
    ]
