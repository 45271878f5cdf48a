"""What a handler with `@api` takes is validated by its annotations; what does not fit is told field by field."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from doors import Served

Open = Callable[..., Served]
POSTS = """
    from __future__ import annotations
    from datetime import date
    from decimal import Decimal
    from enum import Enum
    from typing import Annotated, Any, Literal
    from uuid import UUID
    from pydantic import BaseModel, Field
    from engine.ext.api import Header, Query, api

    class Kind(Enum):
        RYE = "rye"
        OAT = "oat"

    class Author(BaseModel):
        name: str
        age: int | None = None

    class Cat(BaseModel):
        kind: Literal["cat"]
        lives: int

    class Dog(BaseModel):
        kind: Literal["dog"]
        tail: bool

    class NewPost(BaseModel):
        title: Annotated[str, Field(min_length=1, max_length=20)]
        tags: list[str] = []
        score: float | None = None
        number: int = 0
        on: date | None = None
        kind: Kind = Kind.RYE
        author: Author | None = None
        pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
        either: int | list[str] = 0
        other: Any = None
"""
POST = (
    POSTS
    + """
    @api
    def post(body: NewPost) -> dict:
        return body.model_dump(mode="json", exclude_unset=True)
"""
)


def send(door: Served, body: object, type: str | None = "application/json", **options: Any) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return door.client.post("/posts/", data=data, content_type=type, **options)


def errors(answer: TestResponse) -> list[tuple[str, str, str]]:
    """Where each error of a 422 is, and its type."""
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert (answer.json["status"], answer.json["title"]) == (422, "Unprocessable Entity")
    assert all(one["detail"] for one in answer.json["errors"])
    return [(one["in"], one["pointer"], one["type"]) for one in answer.json["errors"]]


@pytest.fixture
def posts(served: Open) -> Served:
    return served({"pages/posts.py": POST})


def test_a_body_becomes_what_its_annotation_says(posts: Served) -> None:
    body = {"title": "A", "on": "2026-01-31", "kind": "oat", "author": {"name": "Ada"}, "score": 1}
    assert send(posts, body).json == {**body, "score": 1.0}


def test_every_field_that_does_not_fit_is_named_by_a_json_pointer(posts: Served) -> None:
    body = {
        "title": "",
        "tags": ["a", 1, "b", None],
        "score": "high",
        "number": 1.5,
        "on": "yesterday",
        "kind": "bun",
        "author": {"age": "old"},
        "pet": {"kind": "dog", "tail": 1},
        "either": [1],
    }
    assert errors(send(posts, body)) == [
        ("body", "/title", "string_too_short"),
        ("body", "/tags/1", "string_type"),
        ("body", "/tags/3", "string_type"),
        ("body", "/score", "float_type"),
        ("body", "/number", "int_type"),
        ("body", "/on", "date_parsing"),
        ("body", "/kind", "enum"),
        ("body", "/author/name", "missing"),
        ("body", "/author/age", "int_type"),
        ("body", "/pet/tail", "bool_type"),
        ("body", "/either", "int_type"),
        ("body", "/either/0", "string_type"),
    ]


def test_the_whole_body_has_the_empty_pointer(posts: Served) -> None:
    assert errors(send(posts, [])) == [("body", "", "model_type")]


def test_a_pointer_escapes_what_stands_in_the_names(served: Open) -> None:
    page = """
        from engine.ext.api import api

        @api
        def post(body: dict[str, int]) -> None: ...
    """
    answer = send(served({"pages/posts.py": page}), {"a/b~c": "x", "": "y"})
    assert errors(answer) == [("body", "/a~1b~0c", "int_type"), ("body", "/", "int_type")]


def test_the_types_of_json_are_taken_at_their_word(posts: Served) -> None:
    body = {"title": "A", "number": "1", "score": True, "either": "1"}
    assert [pointer for _, pointer, _ in errors(send(posts, body))] == [
        *("/score", "/number", "/either", "/either")
    ]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"title": "A", "number": 2.0}, {"title": "A", "number": 2}),
        ({"title": "A", "either": -3.0}, {"title": "A", "either": -3}),
        (
            {"title": "A", "author": {"name": "Ada", "age": 36.0}},
            {"title": "A", "author": {"name": "Ada", "age": 36}},
        ),
        ({"title": "A", "number": 1e300}, {"title": "A", "number": int(1e300)}),
    ],
)
def test_a_whole_number_may_be_written_with_a_point(posts: Served, body: object, answer: object) -> None:
    assert send(posts, body).json == answer


def test_a_whole_number_makes_nothing_else_right(posts: Served) -> None:
    answer = send(posts, {"title": "", "number": 2.0, "author": {"name": "Ada", "age": 1.5}})
    assert errors(answer) == [("body", "/title", "string_too_short"), ("body", "/author/age", "int_type")]


def test_no_error_repeats_what_was_sent(posts: Served) -> None:
    secret = "hunter2-hunter2-hunter2-hunter2"
    body = {
        **{name: secret for name in ("title", "score", "number", "on", "kind", "author", "either", "tags")},
        "pet": {"kind": secret},
    }
    answer = send(posts, body)
    assert len(errors(answer)) == 10
    assert secret not in answer.text


@pytest.mark.parametrize(
    ("count", "listed", "detail"),
    [
        (100, 100, "What was sent does not fit."),
        (101, 100, "What was sent has 101 errors, of which the first 100 are listed."),
        (10_000, 100, "What was sent has 10,000 errors, of which the first 100 are listed."),
        (10_001, 0, "What was sent has 10,001 errors, too many to list."),
    ],
)
def test_the_first_errors_are_listed_and_the_others_counted(
    posts: Served, count: int, listed: int, detail: str
) -> None:
    answer = send(posts, {"title": "A", "tags": [1] * count})
    assert answer.status_code == 422 and answer.json is not None
    assert (len(answer.json["errors"]), answer.json["detail"]) == (listed, detail)
    assert errors(answer) == [("body", f"/tags/{at}", "string_type") for at in range(listed)]


def test_what_was_found_in_one_place_is_counted_beside_that_of_another(served: Open) -> None:
    page = """
        from engine.ext.api import Query, api

        @api
        def post(limit: Query[int], body: list[str]) -> None: ...
    """
    answer = send(served({"pages/posts.py": page}), [1] * 200)
    assert len(answer.json["errors"]) == 101
    assert answer.json["detail"] == "What was sent has 200 errors, of which the first 100 are listed."


def test_a_long_name_on_the_way_to_many_errors_is_not_told_again_and_again(served: Open) -> None:
    page = """
        from engine.ext.api import api

        @api
        def post(body: dict[str, list[int]]) -> None: ...
    """
    name = "x" * 100_000
    door = served({"pages/posts.py": page})
    answer = send(door, {name: ["y"] * 900})
    assert (answer.status_code, len(answer.data) < 1000) == (422, True)
    assert errors(send(door, {name: ["y"]})) == [("body", f"/{name}/0", "int_type")]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nope",
        b'{"title": "a",}',
        b'{"title": "\xff"}',
        b'{"title": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        '{"title": "a"}'.encode("utf-16"),
        b'{"title": "a", "score": NaN}',
        b'{"title": "a", "score": -Infinity}',
        b'{"title": "a", "other": [NaN]}',
        b'{"title": "a", "nobody": NaN}',
        b'{"title": "a", "score": 1e999}',
        b'{"title": "a", "score": -1E+0400}',
        b'{"title": "a", "score": 1' + b"0" * 400 + b"}",
        b'{"title": "a", "number": 1' + b"0" * 5000 + b"}",
        b'{"title": "a", "other": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"other": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        b"{} {}",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_no_json_is_400(posts: Served, body: bytes) -> None:
    answer = send(posts, body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.json is not None and answer.json["errors"][0]["type"] == "json_invalid"


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "NaN Infinity 1e999"}',
        b'{"title": "a", "score": 1e308}',
        b'{"title": "a", "score": 1e-999}',
        b' {"title" : "a"}\n',
        b'{"title": "a", "other": "1' + b"0" * 400 + b'"}',
        b'{"title": "first", "title": "a"}',
        b'{"title": "a", "nobody": {"asked": 1}}',
    ],
)
def test_what_only_looks_wrong_is_taken(posts: Served, body: bytes) -> None:
    assert send(posts, body).status_code == 200


@pytest.mark.parametrize(
    "type",
    [
        "application/json; charset=utf-8",
        'application/json; charset="UTF-8"',
        "Application/JSON",
        "application/merge-patch+json",
        "application/vnd.bakery.v1+json;charset=utf8",
    ],
)
def test_every_kind_of_json_in_utf_8_is_taken(posts: Served, type: str) -> None:
    assert send(posts, {"title": "a"}, type).status_code == 200


@pytest.mark.parametrize(
    "type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/jsonx",
        "image/svg+json",
        ";",
        "\x80",
    ],
)
def test_a_body_of_another_type_is_415_and_is_told_the_right_one(posts: Served, type: str | None) -> None:
    answer = send(posts, {"title": "a"}, type)
    assert (answer.status_code, answer.headers["Accept"]) == (415, "application/json")
    assert answer.content_type == "application/problem+json"


def test_the_limit_of_the_engine_holds(served: Open) -> None:
    files = {"pages/posts.py": POST, "pages/_hooks.py": "from engine.ext.api import error_handler\n"}
    door = served({**files, "site.toml": "[limits]\nbody = 100\n"})
    answer = send(door, {"title": "a" * 100})
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


LARGE = """
    from engine.ext.api import api

    @api
    def post(body: list[str]) -> int:
        return len(body)

    @api(max_body=30)
    def put(body: list[str]) -> int:
        return len(body)

    @api(max_body=3_000_000)
    def patch(body: list[str]) -> int:
        return len(body)
"""


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("method", "limit", "settings"),
    [
        ("POST", 1_000_000, {}),
        ("POST", 100, {"limits__api_body": 100}),
        ("POST", 100, {"limits__body": 100}),
        ("PUT", 30, {}),
        ("PATCH", 3_000_000, {"limits__body": 2_000_000}),
    ],
)
def test_a_body_has_a_limit_of_its_own_and_a_handler_another(
    served: Open, method: str, limit: int, settings: dict[str, int], chunked: bool
) -> None:
    door = served({"pages/posts.py": LARGE}, **settings)

    def sent(size: int) -> Any:
        body = b'["' + b"a" * (size - 4) + b'"]'
        options: dict[str, Any] = {"data": body}
        if chunked:
            options = {"input_stream": BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}}
        return door.client.open("/posts/", method=method, content_type="application/json", **options)

    assert (sent(limit).status_code, sent(limit).json) == (200, 1)
    answer = sent(limit + 1)
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    assert answer.json["detail"] == f"The body may have {limit:,} bytes."


def test_a_body_may_be_left_out_if_it_has_a_default(served: Open) -> None:
    page = """
        from engine.ext.api import api

        @api
        def post(body: list[int] | None = None) -> list[int]:
            return body or [7]
    """
    door = served({"pages/posts.py": page})
    assert (send(door, b"", None).json, send(door, [1]).json) == ([7], [1])
    assert send(door, b" ", None).status_code == 415


LIST = (
    POSTS
    + """
    @api
    def get(
        limit: Query[Annotated[int, Field(ge=1, le=100)]] = 20,
        ids: Query[list[int]] = [],
        kind: Query[Kind | None] = None,
        on: Query[date | None] = None,
        id: Query[UUID | None] = None,
        price: Query[Decimal | None] = None,
        ratio: Query[float] = 0.5,
        deep: Query[bool] = False,
        word: Query[str] = "",
        size: Query[Literal[1, 2, "all"]] = "all",
        page: Annotated[Query[int], Field(alias="page-number")] = 1,
        x_tenant: Header[str | None] = None,
        x_flags: Header[list[Literal["a", "b"]]] = [],
    ) -> dict[str, Any]:
        every = {**locals()}
        return {name: it for name, it in every.items() if name in SENT}

    SENT = ("limit", "ids", "kind", "on", "id", "price", "ratio", "deep", "word", "size", "page",
            "x_tenant", "x_flags")
"""
)


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("", "limit", 20),
        ("limit=5", "limit", 5),
        ("ids=1&ids=2", "ids", [1, 2]),
        ("ids=3", "ids", [3]),
        ("", "ids", []),
        ("kind=oat", "kind", "oat"),
        ("on=2026-01-31", "on", "2026-01-31"),
        ("id=7b1c3a52-9d3f-4c1e-8a55-0f6a2f9f1c7e", "id", "7b1c3a52-9d3f-4c1e-8a55-0f6a2f9f1c7e"),
        ("price=1.10", "price", "1.10"),
        ("price=12345678901234567.89", "price", "12345678901234567.89"),
        ("ratio=1e3", "ratio", 1000.0),
        ("ratio=-1", "ratio", -1.0),
        ("deep=true", "deep", True),
        ("word=5", "word", "5"),
        ("word=true", "word", "true"),
        ("word=%F0%9F%8D%9E+a%26b", "word", "🍞 a&b"),
        ("size=1", "size", 1),
        ("size=all", "size", "all"),
        ("page-number=3", "page", 3),
        ("nobody=asked", "limit", 20),
    ],
)
def test_a_query_is_read_by_the_types_of_its_parameters(
    served: Open, query: str, name: str, value: object
) -> None:
    answer = served({"pages/list.py": LIST}).client.get(f"/list/?{query}")
    assert answer.json is not None and answer.json[name] == value


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=", "/limit"),
        ("limit=x", "/limit"),
        ("limit=1.0", "/limit"),
        ("limit=+1", "/limit"),
        ("limit=1_0", "/limit"),
        ("limit=%201", "/limit"),
        ("limit=01", "/limit"),
        ("limit=٣", "/limit"),
        ("limit=null", "/limit"),
        ("limit=1" + "0" * 5000, "/limit"),
        ("limit=1&limit=2", "/limit"),
        ("ids=1&ids=x", "/ids/1"),
        ("ids=", "/ids/0"),
        ("kind=null", "/kind"),
        ("ratio=nan", "/ratio"),
        ("ratio=inf", "/ratio"),
        ("ratio=1e999", "/ratio"),
        ("ratio=.5", "/ratio"),
        ("deep=1", "/deep"),
        ("deep=yes", "/deep"),
        ("size=3", "/size"),
        ("size=true", "/size"),
        ("page-number=x", "/page-number"),
    ],
)
def test_a_query_that_does_not_fit_is_told(served: Open, query: str, pointer: str) -> None:
    answer = served({"pages/list.py": LIST}).client.get(f"/list/?{query}")
    found = {(place, where) for place, where, _ in errors(answer)}
    assert found == {("query", pointer)}


def test_headers_are_read_by_their_names_with_hyphens(served: Open) -> None:
    door = served({"pages/list.py": LIST})
    answer = door.client.get("/list/", headers={"X-Tenant": "5", "X-Flags": "a, b,a"})
    assert answer.json is not None
    assert (answer.json["x_tenant"], answer.json["x_flags"]) == ("5", ["a", "b", "a"])
    answer = door.client.get("/list/", headers=[("X-Flags", "a"), ("X-Flags", "c")])
    assert errors(answer) == [("header", "/X-Flags/1", "literal_error")]


def test_what_is_wrong_in_every_place_is_told_at_once(served: Open) -> None:
    page = """
        from typing import Annotated
        from pydantic import Field
        from engine.ext.api import Header, Query, api

        @api
        def post(id: Annotated[int, Field(le=9)], body: list[int], dry: Query[bool], x_key: Header[str]) -> None: ...
    """
    door = served({"pages/posts/[id=int].py": page})
    answer = door.client.post("/posts/10/?dry=maybe", json=["x"])
    assert errors(answer) == [
        ("path", "/id", "less_than_equal"),
        ("query", "/dry", "bool_type"),
        ("header", "/X-Key", "missing"),
        ("body", "/0", "int_type"),
    ]


WHOLE = """
    from dataclasses import dataclass
    from pydantic import BaseModel, ConfigDict, Field
    from engine.ext.api import api

    class Filter(BaseModel):
        model_config = ConfigDict(extra="forbid")
        tag: str | None = None
        limit: int = Field(10, le=50, alias="max")

    @dataclass
    class Wanted:
        x_tenant: str
        accept_language: str = "en"

    @api
    def get(query: Filter, headers: Wanted) -> list[str]:
        return [str(query.tag), str(query.limit), headers.x_tenant, headers.accept_language]
"""


def test_the_whole_query_and_all_headers_may_be_a_model(served: Open) -> None:
    door = served({"pages/list.py": WHOLE})
    answer = door.client.get("/list/?tag=rye&max=5", headers={"X-Tenant": "t", "Accept-Language": "cy"})
    assert answer.json == ["rye", "5", "t", "cy"]
    answer = door.client.get("/list/?max=51&limit=3&limit=4")
    assert errors(answer) == [
        ("query", "/max", "less_than_equal"),
        ("query", "/limit", "extra_forbidden"),
        ("header", "/X-Tenant", "missing"),
    ]


def test_parameters_of_the_path_are_validated_too(served: Open) -> None:
    page = """
        from datetime import date
        from typing import Annotated
        from pydantic import Field
        from engine.ext.api import api

        @api
        def get(day: date, number: int, word: Annotated[str, Field(pattern="^[a-z]+$")], rest: str) -> list[str]:
            return [repr(day), repr(number), word, rest]
    """
    door = served({"pages/[day=date]/[number]/[word]/[rest].py": page})
    assert door.client.get("/2026-01-31/7/rye/007/").json == ["datetime.date(2026, 1, 31)", "7", "rye", "007"]
    answer = door.client.get("/2026-01-31/7_0/Rye/x/")
    assert errors(answer) == [("path", "/number", "int_type"), ("path", "/word", "string_pattern_mismatch")]


def test_a_handler_may_have_the_request_and_no_annotations(served: Open) -> None:
    page = """
        from engine.ext.api import api

        @api
        def get(name, request):
            return {"name": name, "method": request.method}
    """
    assert served({"pages/[name].py": page}).client.get("/rye/").json == {"name": "rye", "method": "GET"}


def test_handlers_may_be_methods_of_a_class_and_coroutines(served: Open) -> None:
    page = """
        from engine import MethodView
        from engine.ext.api import Query, api

        class handler(MethodView):
            @api
            def get(self, id: int, word: Query[str] = "x") -> str:
                return f"{type(self).__name__} {id} {word}"

            @api(status=202)
            async def post(self, id: int, body: list[int]) -> int:
                return id + sum(body)
    """
    door = served({"pages/[id=int].py": page})
    assert door.client.get("/7/?word=rye").json == "handler 7 rye"
    answer = door.client.post("/7/", json=[1, 2])
    assert (answer.status_code, answer.json) == (202, 10)


def test_a_decorator_may_stand_on_either_side(served: Open) -> None:
    page = """
        from functools import wraps
        from engine.ext.api import Query, api

        def loud(function):
            @wraps(function)
            def call(*args, **values):
                return function(*args, **values)
            return call

        @loud
        @api
        def get(word: Query[str]) -> str:
            return word

        @api
        @loud
        def post(body: str) -> str:
            return body
    """
    door = served({"pages/a.py": page})
    assert (door.client.get("/a/?word=x").json, door.client.post("/a/", json="y").json) == ("x", "y")


def test_a_site_tells_what_only_it_can_find(served: Open) -> None:
    page = """
        from engine.ext.api import Invalid, api

        @api
        def post(body: dict[str, str]) -> None:
            raise Invalid.at("/email", "Input is somebody else's", type="taken")
    """
    answer = send(served({"pages/posts.py": page}), {"email": "ada@example.org"})
    assert errors(answer) == [("body", "/email", "taken")]


def test_an_error_handler_of_the_site_sees_what_does_not_fit(served: Open) -> None:
    hooks = """
        from engine import errorhandler

        @errorhandler(422)
        def unfit(error):
            return {"count": len(error.errors)}, 422
    """
    answer = send(served({"pages/posts.py": POST, "pages/_hooks.py": hooks}), {})
    assert (answer.status_code, answer.json) == (422, {"count": 1})


def test_the_hook_of_a_directory_tells_every_error_as_problem_details(served: Open) -> None:
    hooks = "from engine.ext.api import error_handler\n"
    get = "from engine import abort\n\ndef get(id):\n    abort(409, 'Not now.') if id else 1 / 0\n"
    door = served({"pages/api/_hooks.py": hooks, "pages/api/[id=int].py": get, "pages/index.md": ""})
    for path, status in (("/api/1/", 409), ("/api/0/", 500), ("/api/x/", 404), ("/api/%00/", 404)):
        answer = door.client.get(path)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert answer.json is not None and answer.json["status"] == status
    assert "division" not in door.client.get("/api/0/").text
    answer = door.client.post("/api/1/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert door.client.get("/nowhere/").content_type.startswith("text/html")


@pytest.mark.parametrize(
    ("handler", "what"),
    [
        (
            "def get(query: int): ...",
            "raised TypeError when it was imported: `query` needs a model, a dataclass or the like, "
            "which names its fields",
        ),
        (
            "def get(word: Query[dict[str, int]]): ...",
            "raised TypeError when it was imported: `word` in `query` cannot hold objects, nor lists of lists: "
            "it comes as text",
        ),
        (
            "def post(body: 'NoSuchModel'): ...",
            "raised TypeError when it was imported: an annotation of post() names what is not defined: "
            "name 'NoSuchModel' is not defined",
        ),
        ("def post(body): ...", "`post()` wants `body`, which is neither a path parameter nor `request`"),
        (
            "def get(limit: int): ...",
            "`get()` wants `limit`, which is neither a path parameter nor `request`. Write `limit: Query[…]`",
        ),
        (
            "def get(limit: int = 20): ...",
            "`get()` wants `limit`, which is neither a path parameter nor `request`. Write `limit: Query[…]`",
        ),
    ],
)
def test_a_handler_that_could_never_be_called_is_a_fault_at_its_line(
    faults: Callable[..., list[str]], handler: str, what: str
) -> None:
    page = f"from engine.ext.api import Query, api\n\n@api\n{handler}\n"
    [fault] = faults({"pages/posts.py": page})
    assert fault.startswith(("pages/posts.py:3: ", "pages/posts.py:4: ")) and what in fault


@pytest.mark.parametrize("status", ["'201'", "99", "404"])
def test_a_status_that_is_not_that_of_a_good_answer_is_a_fault(
    faults: Callable[..., list[str]], status: str
) -> None:
    page = f"from engine.ext.api import api\n\n@api(status={status})\ndef post() -> dict: ...\n"
    [fault] = faults({"pages/posts.py": page})
    assert fault.startswith("pages/posts.py:3: ")
    assert f"`status` is that of a good answer, from 200 to 399, and not {status}" in fault
