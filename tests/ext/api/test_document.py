"""The document of an API is made of the tree: valid OpenAPI 3.1, the same bytes each time, and true."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from api_site import LOAVES
from commands import REPOSITORY
from doors import Door, Files, Served, write_site
from freeze_tools import Bench

Open = Callable[..., Served]


def document(door: Door, path: str = "/api/openapi.json") -> dict[str, Any]:
    answer = door.get(path)
    assert (answer.status, answer.type) == (200, "application/json"), answer.text
    found: dict[str, Any] = json.loads(answer.text)
    validate(found)
    return found


@pytest.fixture
def made(served: Open) -> dict[str, Any]:
    return document(served(LOAVES))


def test_the_document_says_what_the_site_is(made: dict[str, Any]) -> None:
    assert made["openapi"] == "3.1.1"
    assert made["info"] == {"title": "Bakery", "version": "2.1", "description": "Loaves & more."}
    assert made["servers"] == [{"url": "/"}]
    assert made["tags"] == [{"name": name} for name in ("days", "files", "loaves", "removal")]
    assert made["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert made["security"] == [{"token": []}]


def test_each_handler_is_an_operation_at_the_path_of_its_route(made: dict[str, Any]) -> None:
    assert [(path, *item) for path, item in made["paths"].items()] == [
        ("/api/days/{day}/", "get"),
        ("/api/days/{year}/{day}/", "get"),
        ("/api/files/v-{a}.{b}/", "get"),
        ("/api/files/v-{a}.{b}/{path}/", "get"),
        ("/api/loaves/", "get", "post"),
        ("/api/loaves/{id}/", "get", "put", "delete"),
    ]


def test_parameters_of_the_path_have_the_types_of_the_route_and_of_the_handler(made: dict[str, Any]) -> None:
    def of(path: str) -> dict[str, Any]:
        [*parameters] = made["paths"][path]["get"]["parameters"]
        assert all(it["in"] == "path" and it["required"] for it in parameters)
        return {it["name"]: it["schema"] for it in parameters}

    assert of("/api/days/{year}/{day}/") == {
        "year": {"type": "integer"},
        "day": {"type": "string", "format": "date"},
    }
    assert of("/api/loaves/{id}/")["id"] == {
        **{"type": "integer", "minimum": 0, "description": "The number of a loaf."}
    }
    slug = of("/api/files/v-{a}.{b}/{path}/")["b"]
    assert (slug["type"], slug["pattern"]) == ("string", "^[a-z0-9]+(?:-[a-z0-9]+)*$")


def test_what_a_handler_reads_is_told_with_its_rules(made: dict[str, Any]) -> None:
    listing, adding = made["paths"]["/api/loaves/"]["get"], made["paths"]["/api/loaves/"]["post"]
    told = {it["name"]: it for it in (*listing["parameters"], *adding["parameters"])}
    assert told["max-grams"] == {
        "name": "max-grams",
        "in": "query",
        "required": False,
        "description": "No heavier ones.",
        "schema": {"type": "integer", "minimum": 1},
    }
    assert told["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert told["kind"]["schema"] == {"$ref": "#/components/schemas/Kind"}
    assert told["quiet"]["schema"] == {"type": "boolean", "default": False}
    assert told["beside"]["schema"]["maxItems"] == 3
    assert (told["X-Baker"]["in"], told["X-Baker"]["schema"]["pattern"]) == ("header", "^[a-z]+$")
    assert adding["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewLoaf"}}},
    }


def test_a_default_that_is_a_list_is_told_and_is_new_for_each_request(served: Open) -> None:
    page = """
        from engine.ext.api import Query, api

        @api
        def get(tags: Query[list[str]] = ["new"]) -> list[str]:
            tags.append("seen")
            return tags
    """
    door = served({"pages/tags.py": page, "pages/o.json.py": "from engine.ext.api import openapi as get\n"})
    [told] = document(door, "/o.json")["paths"]["/tags/"]["get"]["parameters"]
    assert told["schema"] == {"type": "array", "items": {"type": "string"}, "default": ["new"]}
    assert [door.client.get("/tags/").json for _ in range(2)] == [["new", "seen"]] * 2


def test_every_answer_is_told_those_of_the_engine_too(made: dict[str, Any]) -> None:
    item = {**made["paths"]["/api/loaves/"], **made["paths"]["/api/loaves/{id}/"]}
    told = {method: list(operation["responses"]) for method, operation in item.items()}
    assert told == {
        "get": ["200", "404", "422", "default"],
        "post": ["201", "400", "409", "413", "415", "422", "default"],
        "put": ["200", "400", "404", "412", "413", "415", "422", "428", "default"],
        "delete": ["204", "404", "412", "422", "428", "default"],
    }
    created = item["post"]["responses"]["201"]
    assert created["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Loaf"}
    assert list(created["headers"]) == ["Location"]
    assert item["post"]["responses"]["409"]["description"] == "There are too many."
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    assert item["get"]["responses"]["422"]["content"] == {"application/problem+json": problem}
    assert "content" not in item["delete"]["responses"]["204"]


def test_what_its_author_says_of_a_handler_is_told(made: dict[str, Any]) -> None:
    listing = made["paths"]["/api/loaves/"]["get"]
    assert (listing["summary"], listing["operationId"]) == ("List loaves", "get_api_loaves")
    assert listing["description"] == "The oldest first,\n<b>all</b> of them."
    assert listing["tags"] == ["loaves"] and "security" not in listing
    removing = made["paths"]["/api/loaves/{id}/"]["delete"]
    assert (removing["deprecated"], removing["tags"]) == (True, ["removal"])
    assert removing["summary"] == "DELETE /api/loaves/{id}/"
    assert made["paths"]["/api/days/{day}/"]["get"]["security"] == []


def test_ids_of_operations_are_not_told_twice(made: dict[str, Any]) -> None:
    ids = [it["operationId"] for item in made["paths"].values() for it in item.values()]
    assert len(ids) == len(set(ids)) == 9


def test_a_document_may_be_of_one_directory(served: Open) -> None:
    page = "from engine.ext.api import openapi\n\ndef get():\n    return openapi(title='One', below='{}')\n"
    files = {
        **LOAVES,
        "pages/days.json.py": page.format("/api/days"),
        "pages/root.json.py": page.format("/"),
        "pages/no.json.py": page.format("/api/loa"),
    }
    door = served(files)
    assert list(document(door, "/days.json")["paths"]) == ["/api/days/{day}/", "/api/days/{year}/{day}/"]
    assert len(document(door, "/root.json")["paths"]) == 6
    nothing = document(door, "/no.json")
    assert (nothing["paths"], sorted(nothing["components"]["schemas"])) == ({}, ["Problem"])


def test_addresses_are_those_of_the_site(served: Open) -> None:
    settings = 'slash = "never"\nbase_url = "https://example.org/shop"\n'
    made = document(served({**LOAVES, "site.toml": settings}), "/shop/api/openapi.json")
    assert made["servers"] == [{"url": "/shop"}]
    assert "/api/loaves/{id}" in made["paths"]


def test_the_default_of_a_decimal_is_one_that_its_schema_takes(served: Open) -> None:
    page = """
        from decimal import Decimal
        from typing import Annotated
        from pydantic import BaseModel, Field
        from engine.ext.api import Query, api

        Price = Annotated[Decimal, Field(ge=0)]

        class Item(BaseModel):
            price: Price = Decimal("1.50")
            weight: Decimal = Decimal(2)

        @api
        def post(body: Item, most: Query[Price] = Decimal(100)) -> Item:
            return body
    """
    site = served({"pages/a.py": page, "pages/o.json.py": "from engine.ext.api import openapi as get\n"})
    made = document(site, "/o.json")
    [most] = made["paths"]["/a/"]["post"]["parameters"]
    assert most["schema"] == {"type": "number", "minimum": 0.0, "default": 100}
    takes, gives = (made["components"]["schemas"][f"Item-{it}"]["properties"] for it in ("Input", "Output"))
    assert [takes[name]["default"] for name in ("price", "weight")] == [1.5, 2]
    assert (gives["price"]["default"], gives["price"]["type"]) == ("1.50", "string")
    assert site.client.post("/a/", json={}).json == {"price": "1.50", "weight": "2"}


def test_models_of_one_name_are_kept_apart(served: Open) -> None:
    page = """
        from pydantic import BaseModel
        from engine.ext.api import api

        class Item(BaseModel):
            {}: int

        @api
        def post(body: Item) -> list[Item]: ...
    """
    files: Files = {
        "pages/a.py": page.format("first"),
        "pages/b.py": page.format("second"),
        "pages/openapi.json.py": "from engine.ext.api import openapi as get\n",
    }
    made = document(served(files), "/openapi.json")
    schemas = made["components"]["schemas"]
    bodies = [made["paths"][path]["post"]["requestBody"]["content"] for path in ("/a/", "/b/")]
    names = [it["application/json"]["schema"]["$ref"].rpartition("/")[2] for it in bodies]
    assert [list(schemas[name]["properties"]) for name in names] == [["first"], ["second"]]


def test_a_model_may_be_called_as_what_every_document_has(served: Open) -> None:
    page = """
        from pydantic import BaseModel
        from engine.ext.api import api

        class Problem(BaseModel):
            own: int

        @api
        def get() -> Problem: ...
    """
    get = "from engine.ext.api import openapi\n\ndef get():\n    return openapi()\n"
    schemas = document(served({"pages/a.py": page, "pages/openapi.json.py": get}), "/openapi.json")
    schemas = schemas["components"]["schemas"]
    assert (list(schemas["Problem"]["properties"]), schemas["Problem_"]["title"]) == (["own"], "Problem")


def test_a_document_can_be_frozen(door: Callable[..., Door]) -> None:
    api = LOAVES["pages/api/openapi.json.py"]
    files = {"pages/index.md": "x", "pages/openapi.json.py": api, "loaves.py": LOAVES["loaves.py"]}
    listing = "pages/api/loaves/index.py"
    made = document(
        door({**files, listing: f"{LOAVES[listing]}\n        freeze = False\n"} | OTHERS), "/openapi.json"
    )
    assert list(made["paths"]) == ["/api/loaves/", "/api/loaves/{id}/"]


OTHERS = {
    "pages/api/loaves/[id=int].py": f"{LOAVES['pages/api/loaves/[id=int].py']}\n        freeze = False\n"
}


@pytest.mark.long
def test_the_bytes_are_the_same_in_every_process(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", LOAVES)
    code = (
        "import sys; from engine import create_app; "
        "sys.stdout.buffer.write(create_app(sys.argv[1]).test_client().get('/api/openapi.json').data)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(root)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(said) == 1 and said != {b""}


def test_two_sites_in_one_process_have_documents_of_their_own(tmp_path: Path) -> None:
    first = Served(write_site(tmp_path / "first", LOAVES))
    changed = {**LOAVES, "pages/api/loaves/index.py": "def get():\n    return ''\n"}
    second = Served(write_site(tmp_path / "second", changed))
    assert "/api/loaves/" in document(first)["paths"]
    assert "/api/loaves/" not in document(second)["paths"]
    assert "/api/loaves/" in document(first)["paths"]


def test_a_freeze_makes_the_document_again_when_a_model_changes(tmp_path: Path) -> None:
    page = "from engine.ext.api import api\nfrom models import Loaf\n\n@api\ndef get() -> Loaf:\n    return Loaf(a=1)\n"
    bench = Bench(
        tmp_path / "bench",
        {
            "pages/index.md": "x",
            "pages/loaf.json.py": page,
            "pages/openapi.json.py": "from engine.ext.api import openapi\n\ndef get():\n    return openapi()\n",
            "models.py": "from pydantic import BaseModel\n\nclass Loaf(BaseModel):\n    a: int\n",
        },
    )
    bench.agrees()
    bench.edit("models.py", "a: int", "a: int\n    flour: str = 'rye'")
    bench.agrees()
    assert "flour" in (bench.output / "openapi.json").read_text()
    assert "flour" in (bench.output / "loaf.json").read_text()
    bench.rests()


def test_a_function_for_every_method_is_an_operation_for_each(served: Open) -> None:
    page = "from engine.ext.api import api\n\n@api\ndef handler() -> str:\n    return 'x'\n"
    get = "from engine.ext.api import openapi\n\ndef get():\n    return openapi()\n"
    door = served({"pages/any.py": page, "pages/openapi.json.py": get})
    assert list(document(door, "/openapi.json")["paths"]["/any/"]) == [
        "get",
        "post",
        "put",
        "patch",
        "delete",
    ]
    assert door.client.patch("/any/").json == "x"
    assert "ETag" in door.get("/any/").headers
