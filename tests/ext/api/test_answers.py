"""What a handler with `@api` answers is what it says it returns: no more, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from doors import Door, Served

Open = Callable[..., Served]
MODELS = """
    from dataclasses import dataclass
    from pydantic import BaseModel, Field
    from engine import Response, make_response, redirect
    from engine.ext.api import Answer, api

    class User(BaseModel):
        name: str
        age: int = Field(ge=0, alias="years", default=1)

    class Row(User):
        password: str = "hunter2"

    class Record:
        name, years, password = "Ada", 3, "hunter2"

    @dataclass
    class Pair:
        left: int
        right: int
"""


def page(body: str, returns: str = "User", decorator: str = "@api", more: str = "") -> dict[str, str]:
    return {
        "pages/a.py": f"{MODELS}\n    {decorator}\n    def get({more}) -> {returns}:\n        return {body}\n"
    }


@pytest.mark.parametrize(
    "value",
    [
        'User(name="Ada", years=3)',
        'Row(name="Ada", years=3)',
        'dict(name="Ada", years=3, password="hunter2")',
        "Record()",
        "Answer(Record())",
        '({"name": "Ada", "years": 3, "password": "hunter2"}, 200)',
    ],
)
def test_fields_that_the_model_has_not_are_left_out(served: Open, value: str) -> None:
    answer = served(page(value)).get("/a/")
    assert (answer.type, answer.text) == ("application/json", '{"name":"Ada","years":3}')


@pytest.mark.parametrize(
    ("value", "returns", "text"),
    [
        ("[Record(), Record()]", "list[User]", '[{"name":"Ada","years":3},{"name":"Ada","years":3}]'),
        ("Pair(1, 2)", "Pair", '{"left":1,"right":2}'),
        ("Pair(1, 2)", "Answer[Pair]", '{"left":1,"right":2}'),
        ("'text'", "str", '"text"'),
        ("None", "int | None", "null"),
        ("{'a': 1}", "dict[str, int]", '{"a":1}'),
        ("Record()", "User | Response", '{"name":"Ada","years":3}'),
        ("make_response('own', 418)", "User | Response", "own"),
        ("make_response('own', 418)", "Response", "own"),
        ("{'free': [1]}", "object", '{"free":[1]}'),
    ],
)
def test_the_annotation_of_what_is_returned_may_be_any_type(
    served: Open, value: str, returns: str, text: str
) -> None:
    assert served(page(value, returns)).get("/a/").text == text


@pytest.mark.parametrize(
    ("value", "returns", "what"),
    [
        (
            "{'name': 5, 'password': 'hunter2'}",
            "User",
            "`get()` returned what it does not say: name: Input should be a valid string. It says `-> User`.",
        ),
        (
            "[{'years': 'hunter2'}]",
            "list[User]",
            "`get()` returned what it does not say: 0.name: Field required; 0.years: Input should be a valid "
            "integer, unable to parse string as an integer. It says `-> list[User]`.",
        ),
        (
            "User.model_construct(name='Ada', age='hunter2')",
            "User",
            "`get()` returned what it does not say in age: a value of another type. It says `-> User`.",
        ),
        ("'hunter2'", "None", "`get()` returned a value, and says that it returns None. It says `-> None`."),
        (
            "None",
            "User",
            "`get()` returned what it does not say: the value: Input should be a valid dictionary or object to "
            "extract fields from. It says `-> User`.",
        ),
    ],
)
def test_what_it_does_not_say_is_500_and_in_the_log_and_no_leak(
    served: Open, caplog: pytest.LogCaptureFixture, value: str, returns: str, what: str
) -> None:
    with caplog.at_level(logging.ERROR, "engine"):
        answer = served(page(value, returns)).get("/a/")
    assert answer.status == 500
    assert "hunter2" not in answer.text + caplog.text
    [record] = caplog.records
    place, _, said = record.getMessage().partition(": ")
    assert place.startswith("pages/a.py:") and said == what


def test_none_is_204_without_a_body(served: Open) -> None:
    answer = served(page("None", "None")).get("/a/")
    assert (answer.status, answer.body) == (204, b"")
    assert not {"Content-Type", "Content-Length"} & answer.headers.keys()


def test_the_decorator_says_the_status_and_an_answer_more(served: Open) -> None:
    value = 'Answer(Record(), location="/a/1/", etag=7, headers={"X-More": "yes"})'
    door = served(page(value, "Answer[User]", "@api(status=201)"))
    answer = door.get("/a/")
    assert answer.status == 201
    assert {"Location": "/a/1/", "X-More": "yes"}.items() <= answer.headers.items()
    door = served(page('(Record(), 202, {"X-More": "yes"})', "User"))
    answer = door.get("/a/")
    assert (answer.status, answer.headers["X-More"]) == (202, "yes")


def test_a_handler_that_does_not_say_what_it_returns_answers_as_without_the_decorator(served: Open) -> None:
    files = {"pages/a.py": f"{MODELS}\n    @api(status=201)\n    def get():\n        return 'text'\n"}
    answer = served(files).get("/a/")
    assert (answer.status, answer.type, answer.text) == (201, "text/html; charset=utf-8", "text")


# Entity tags


def test_an_answer_has_the_tag_of_its_bytes_and_who_has_them_gets_304(served: Open) -> None:
    door = served(page("Record()"))
    first = door.get("/a/")
    tag = first.headers["ETag"]
    assert tag[0] == tag[-1] == '"' and len(tag) > 20
    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        answer = door.get("/a/", headers={"If-None-Match": known})
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in answer.headers
    assert door.get("/a/", headers={"If-None-Match": '"x"'}).body == first.body
    assert served(page("Record()", more="x=1")).get("/a/").headers["ETag"] == tag


def test_head_has_the_tag_of_get_and_no_body(served: Open) -> None:
    door = served(page("Record()"))
    tag = door.get("/a/").headers["ETag"]
    answer = door.client.head("/a/")
    assert (answer.headers["ETag"], answer.data) == (tag, b"")
    assert door.client.head("/a/", headers={"If-None-Match": tag}).status_code == 304


def test_the_tag_counts_what_a_hook_does_to_the_body(served: Open) -> None:
    hooks = """
        from engine import request

        def after_request(response):
            response.set_data(response.get_data() + request.headers.get("X-Who", "").encode())
            return response
    """
    door = served({**page("Record()"), "pages/_hooks.py": hooks})
    tags = [door.get("/a/", headers={"X-Who": who}).headers["ETag"] for who in ("ada", "ben")]
    assert tags[0] != tags[1]
    assert door.get("/a/", headers={"X-Who": "ben", "If-None-Match": tags[0]}).status == 200


def test_a_site_may_name_the_version_itself(served: Open) -> None:
    door = served(page("Answer(Record(), etag='v7')", "Answer[User]"))
    assert door.get("/a/").headers["ETag"] == '"v7"'
    assert door.get("/a/", headers={"If-None-Match": '"v7"'}).status == 304
    answer = door.client.get("/a/")
    assert answer.headers.getlist("ETag") == ['"v7"']


def test_a_kept_answer_has_the_version_that_the_site_has_named(served: Open) -> None:
    files = page("Answer(Record(), etag='v7')", "Answer[User]")
    door = served({"pages/a.py": f"{files['pages/a.py']}\n    cache = '10m'\n"})
    assert [door.get("/a/").headers["ETag"] for _ in range(2)] == ['"v7"', '"v7"']


@pytest.mark.parametrize("version", ['a"b', "a b", "a\nb", "é\u1234"])
def test_a_version_that_no_tag_can_hold_is_an_error(served: Open, version: str) -> None:
    door = served(page(f"Answer(Record(), etag={version!r})", "Answer[User]"))
    assert door.get("/a/").status == 500


def test_errors_and_answers_to_other_methods_have_no_tag_of_their_own(served: Open) -> None:
    files = {"pages/a.py": page("Record()")["pages/a.py"].replace("def get", "def post")}
    assert "ETag" not in served(files).client.post("/a/").headers


def test_an_answer_that_reads_nothing_of_its_visitor_is_frozen(door: Callable[..., Door]) -> None:
    files = {"pages/a.json.py": page("Record()")["pages/a.py"]}
    answer = door(files).get("/a.json")
    assert (answer.text, answer.type) == ('{"name":"Ada","years":3}', "application/json")


# Versions that a request was made for

STORE = """
    from pydantic import BaseModel
    from engine import abort
    from engine.ext.api import Answer, Query, api, check_match

    LOAVES = {1: "rye"}

    @api
    def get(id: int) -> str:
        return LOAVES.get(id) or abort(404)

    @api(if_match=get)
    def put(id: int, body: str) -> None:
        LOAVES[id] = body

    @api(if_match=get)
    def delete(id: int) -> None:
        del LOAVES[id]

    @api(if_match=True)
    def patch(id: int, body: str, version: Query[int] = 7) -> Answer[None]:
        check_match(version)
        return Answer(None, etag=version + 1)
"""


@pytest.fixture
def store(served: Open) -> Served:
    return served({"pages/loaves/[id=int].py": STORE})


def test_a_change_needs_the_version_that_was_read(store: Served) -> None:
    put = store.client.put
    tag = store.get("/loaves/1/").headers["ETag"]
    missing, other = (put("/loaves/1/", json="oat", headers=it) for it in ({}, {"If-Match": '"other"'}))
    assert (missing.status_code, other.status_code) == (428, 412)
    assert {missing.content_type, other.content_type} == {"application/problem+json"}
    assert other.json == {
        "title": "Precondition Failed",
        "status": 412,
        "detail": "This has changed since you read it. Read it again.",
    }
    assert put("/loaves/1/", json="oat", headers={"If-Match": f"W/{tag}"}).status_code == 412
    assert put("/loaves/1/", json="oat", headers={"If-Match": ""}).status_code == 412
    assert store.get("/loaves/1/").text == '"rye"'
    assert put("/loaves/1/", json="oat", headers={"If-Match": f'"other", {tag}'}).status_code == 204
    assert put("/loaves/1/", json="bun", headers={"If-Match": tag}).status_code == 412
    assert store.get("/loaves/1/").text == '"oat"'
    assert store.client.delete("/loaves/1/", headers={"If-Match": "*"}).status_code == 204
    assert store.client.delete("/loaves/1/", headers={"If-Match": "*"}).status_code == 404


def test_what_does_not_fit_is_told_before_the_version_is_compared(store: Served) -> None:
    assert store.client.put("/loaves/1/", json=5).status_code == 422
    assert store.client.put("/loaves/1/", json=5, headers={"If-Match": '"other"'}).status_code == 422


def test_a_handler_may_compare_the_version_itself(store: Served) -> None:
    patch = store.client.patch
    assert patch("/loaves/1/", json="x").status_code == 428
    assert patch("/loaves/1/", json="x", headers={"If-Match": '"6"'}).status_code == 412
    answer = patch("/loaves/1/", json="x", headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.headers["ETag"]) == (204, '"8"')
    answer = patch("/loaves/1/", data="x", headers={"If-Match": '"7"'}, content_type="text/plain")
    assert answer.headers["Accept-Patch"] == "application/json"


def test_methods_of_a_class_compare_with_their_own_instance(served: Open) -> None:
    files = {
        "pages/a.py": """
            from engine import MethodView
            from engine.ext.api import api

            class Shelf(MethodView):
                def __init__(self, loaf):
                    self.loaf = loaf

                @api
                def get(self) -> str:
                    return self.loaf

                @api(if_match=get)
                def put(self) -> None: ...

            handler = Shelf.as_view("shelf", "rye")
        """
    }
    door = served(files)
    tag = door.get("/a/").headers["ETag"]
    assert door.client.put("/a/", headers={"If-Match": tag}).status_code == 204
    assert door.client.put("/a/", headers={"If-Match": '"x"'}).status_code == 412
