"""Whatever is sent, an API answers with a status that it says, in JSON, and without what was sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from api_site import LOAVES
from doors import write_site
from engine import create_app

WHO = {"Authorization": "Bearer open-sesame"}
EXPECTED = (201, 400, 413, 415, 422)

numbers = st.one_of(st.integers(), st.floats(), st.integers(min_value=2**60, max_value=2**1200))
leaves = st.one_of(
    st.none(), st.booleans(), numbers, st.text(), st.sampled_from(["rye", "crust", "2026-01-31"])
)
values = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=12
)
names = st.sampled_from(["name", "kind", "grams", "price", "baked", "tops", "rating", "id", "beside", ""])
loaves = st.dictionaries(names, values, max_size=8)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    root: Path = tmp_path_factory.mktemp("hostile")
    return Client(create_app(write_site(root, LOAVES)))


def post(client: Client, body: bytes, type: str = "application/json", query: str = "") -> Any:
    answer = client.post(f"/api/loaves/?{query}", data=body, content_type=type, headers=WHO)
    assert answer.status_code in EXPECTED, answer.text
    kind = "application/json" if answer.status_code == 201 else "application/problem+json"
    assert answer.content_type == kind
    return answer.json


@pytest.mark.long
@given(loaves)
def test_any_value_of_any_field(client: Client, loaf: dict[str, Any]) -> None:
    made = post(client, json.dumps(loaf).encode())
    for error in made.get("errors", ()):
        assert error["in"] == "body" and set(error) == {"in", "pointer", "detail", "type"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")


@given(values)
def test_any_value_as_the_body(client: Client, value: Any) -> None:
    post(client, json.dumps(value).encode())


@given(st.binary(max_size=200))
def test_any_bytes_as_the_body(client: Client, body: bytes) -> None:
    post(client, body)


@given(st.binary(max_size=20), st.integers(min_value=0), st.sampled_from(list(range(60))))
def test_json_with_bytes_anywhere_in_it(client: Client, junk: bytes, seed: int, at: int) -> None:
    body = b'{"name": "Oat", "grams": 5, "tops": [{"kind": "seeds", "names": ["poppy"]}]}'
    post(client, body[:at] + junk + body[at + seed % 7 :])


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_any_content_type(client: Client, type: str) -> None:
    post(client, b'{"name": "Oat"}', type)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60))
def test_any_query(client: Client, query: str) -> None:
    post(client, b'{"name": "Oat"}', query=query)
    answer = client.get(f"/api/loaves/?{query}", headers=WHO)
    assert answer.status_code in (200, 422)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40))
def test_any_header(client: Client, text: str) -> None:
    headers = {**WHO, "X-Baker": text, "If-None-Match": text, "If-Match": text}
    answer = client.post("/api/loaves/", json={"name": "Oat"}, headers=headers)
    assert answer.status_code in (201, 422)
    assert client.get("/api/loaves/", headers=headers).status_code in (200, 304)
    put = client.put("/api/loaves/1/", json={"name": "Oat"}, headers=headers)
    assert put.status_code in (200, 412)


@given(st.text(max_size=20))
def test_any_path(client: Client, text: str) -> None:
    path = "/api/loaves/" + text.replace("?", "").replace("#", "")
    for method in ("get", "put", "delete"):
        answer = client.open(path, method=method.upper(), headers=WHO)
        assert answer.status_code in (200, 308, 400, 404, 405, 415, 422, 428), answer.text
