"""The reference page shows the whole document, fetches nothing, and runs no script."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest

from api_site import LOAVES
from doors import Door, Served
from engine.testing.markup import flaws

Open = Callable[..., Served]


@pytest.fixture
def page(served: Open) -> str:
    return served(LOAVES).get("/api/").text


def test_everything_in_the_document_is_on_the_page(served: Open) -> None:
    door = served(LOAVES)
    text = door.get("/api/").text
    made = json.loads(door.get("/api/openapi.json").text)
    assert "<h1>Bakery <small>2.1</small></h1>" in text and "Loaves &amp; more." in text
    for path, item in made["paths"].items():
        for method, it in item.items():
            assert f'id="{it["operationId"]}"' in text
            assert f"<code>{path}</code>" in text and f">{method.upper()}</span>" in text
            for parameter in it.get("parameters", ()):
                assert f"<code>{parameter['name']}</code>" in text
    for name, schema in made["components"]["schemas"].items():
        assert f'id="schema-{name}"' in text
        for key in schema.get("properties", {}):
            assert f"<code>{key}</code>" in text
    assert "at least 1, at most 100, 20 if left out" in text


def test_what_authors_wrote_is_text_and_no_markup(page: str) -> None:
    assert "&lt;b&gt;all&lt;/b&gt; of them." in page


def test_it_is_well_formed_and_every_link_within_it_leads_somewhere(page: str) -> None:
    assert not list(flaws(page))
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids


def test_it_fetches_nothing_and_runs_no_script(page: str) -> None:
    assert "<script" not in page and "url(" not in page and "@import" not in page
    assert '<link rel="icon" href="data:,">' in page, (
        "a browser would ask for /favicon.ico, which the site may not have"
    )
    assert not re.search(r'(?:src|href)="(?!#|data:|/api/openapi\.json")', page)


def test_its_style_is_allowed_by_its_hash_under_a_strict_policy(served: Open) -> None:
    strict = "[headers]\nContent-Security-Policy = \"default-src 'self'\"\n"
    answer = served({**LOAVES, "site.toml": strict}).get("/api/")
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and f"style-src 'sha256-{digest}'" in policy


def test_examples_are_such_as_the_handlers_take(served: Open) -> None:
    door = served(LOAVES)
    article = door.get("/api/").text.partition('id="post_api_loaves"')[2]
    [example, *_] = re.findall(r"<pre tabindex=\"0\"><code>(.*?)</code></pre>", article, re.DOTALL)
    body = json.loads(example.replace("&#34;", '"'))
    assert body["name"] == "Dark rye"
    answer = door.client.post("/api/loaves/", json=body, headers={"Authorization": "Bearer open-sesame"})
    assert answer.status_code == 201, answer.text


def test_a_model_that_holds_itself_has_an_end(served: Open) -> None:
    files = {
        "pages/a.py": """
            from __future__ import annotations
            from pydantic import BaseModel
            from engine.ext.api import api

            class Tree(BaseModel):
                child: Tree
                children: dict[str, list[Tree]]

            @api
            def post(body: Tree) -> None: ...
        """,
        "pages/openapi.json.py": "from engine.ext.api import openapi as get\n",
        "pages/docs.py": "from engine.ext.api import reference\n\ndef get():\n    return reference('/openapi.json')\n",
    }
    assert 'href="#schema-Tree"' in served(files).get("/docs/").text


def test_it_can_be_frozen(door: Callable[..., Door]) -> None:
    files = {
        "pages/index.md": "[the reference](/docs/)",
        "pages/a.json.py": "from engine.ext.api import api\n\n@api\ndef get() -> list[int]:\n    return [1]\n",
        "pages/openapi.json.py": "from engine.ext.api import openapi as get\n",
        "pages/docs.py": "from engine.ext.api import reference\n\ndef get():\n    return reference('/openapi.json')\n",
    }
    assert "list of integer" in door(files).get("/docs/").text


def test_a_route_that_answers_no_document_is_named(served: Open) -> None:
    files = {
        "pages/docs.py": "from engine.ext.api import reference\n\ndef get():\n    return reference('/nope')\n"
    }
    client = served(files).app.test_client()
    with pytest.raises(LookupError, match="no handler with the id '/nope' answers GET"):
        client.get("/docs/")
