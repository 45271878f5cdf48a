"""An API as a site would have it, with all that the extension does."""

from __future__ import annotations

LOAVES = {
    "app.py": "",
    "site.toml": 'title = "Bakery"\n',
    "loaves.py": """
        from __future__ import annotations
        from datetime import date
        from decimal import Decimal
        from enum import Enum
        from typing import Annotated, Literal
        from pydantic import BaseModel, Field

        class Kind(Enum):
            RYE = "rye"
            OAT = "oat"

        class Crust(BaseModel):
            kind: Literal["crust"]
            thick: bool = False

        class Seeds(BaseModel):
            kind: Literal["seeds"]
            names: list[str] = []

        class NewLoaf(BaseModel):
            "What a baker says of a loaf."
            name: Annotated[str, Field(min_length=1, max_length=40, examples=["Dark rye"])]
            kind: Kind = Kind.RYE
            grams: Annotated[int, Field(gt=0, le=5000)] = 500
            price: Annotated[Decimal | None, Field(ge=0, le=100)] = None
            baked: date | None = None
            tops: list[Annotated[Crust | Seeds, Field(discriminator="kind")]] = []
            rating: Annotated[float | None, Field(ge=0, le=5)] = None

        class Loaf(NewLoaf):
            id: int
            beside: list[Loaf] = []

        BAKED = {1: Loaf(id=1, name="Dark rye"), 2: Loaf(id=2, name="White tin", kind=Kind.OAT)}
    """,
    "pages/api/_hooks.py": """
        from engine import abort, request
        from engine.ext.api import error_handler

        OPEN = ("/api/", "/openapi.json")

        def before_request():
            if not request.path.endswith(OPEN) and request.headers.get("Authorization") != "Bearer open-sesame":
                abort(401, "Say who you are.")
    """,
    "pages/api/_data.yaml": "freeze: false\n",
    "pages/api/openapi.json.py": """
        from engine.ext.api import openapi

        def get():
            scheme = {"type": "http", "scheme": "bearer"}
            return openapi(version="2.1", description="Loaves & more.", security={"token": scheme})
    """,
    "pages/api/index.py": """
        from engine.ext.api import reference

        def get():
            return reference("/api/openapi.json")
    """,
    "pages/api/loaves/index.py": """
        from typing import Annotated
        from pydantic import Field
        from engine import url_for
        from engine.ext.api import Answer, Header, Paging, Query, Slice, api
        from loaves import BAKED, Kind, Loaf, NewLoaf

        class Wanted(Paging):
            kind: Kind | None = None
            max_grams: Annotated[int | None, Field(alias="max-grams", ge=1, description="No heavier ones.")] = None

        @api
        def get(query: Wanted) -> Slice[Loaf]:
            \"\"\"List loaves.

            The oldest first,
            <b>all</b> of them.
            \"\"\"
            found = [it for it in BAKED.values() if query.kind in (None, it.kind)]
            return query.of([it for it in found if it.grams <= (query.max_grams or it.grams)])

        @api(status=201, errors={409: "There are too many."})
        def post(
            body: NewLoaf,
            quiet: Query[bool] = False,
            beside: Query[Annotated[list[int], Field(max_length=3)]] = [],
            x_baker: Header[Annotated[str | None, Field(pattern="^[a-z]+$", max_length=10)]] = None,
        ) -> Answer[Loaf]:
            "Add a loaf"
            made = Loaf(id=max(BAKED, default=0) + 1, **body.model_dump())
            BAKED[made.id] = made
            return Answer(made, location=url_for("/api/loaves/[id=int]", id=made.id), etag=made.id)
    """,
    "pages/api/loaves/[id=int].py": """
        from typing import Annotated
        from pydantic import Field
        from engine import abort
        from engine.ext.api import api
        from loaves import BAKED, Loaf, NewLoaf

        Id = Annotated[int, Field(ge=0, description="The number of a loaf.")]

        @api
        def get(id: Id) -> Loaf:
            "One loaf."
            return BAKED.get(id) or abort(404, "There is no such loaf.")

        @api(if_match=get)
        def put(id: Id, body: NewLoaf) -> Loaf:
            "Change a loaf."
            BAKED[id] = Loaf(id=id, **body.model_dump())
            return BAKED[id]

        @api(if_match=get, deprecated=True, tags=("removal",))
        def delete(id: Id) -> None:
            del BAKED[id]
    """,
    "pages/api/days/[[year=int]]/[day=date].py": """
        from datetime import date
        from uuid import UUID
        from engine import MethodView
        from engine.ext.api import api

        class handler(MethodView):
            @api(security=())
            def get(self, day: date, year: int | None = None) -> dict[str, date]:
                return {"day": day}
    """,
    "pages/api/files/v-[a].[b=slug]/[...path].py": """
        from engine.ext.api import api

        @api
        def get(a: str, b: str, path: str) -> list[str]:
            return [a, b, path]
    """,
    "pages/about.py": "def get():\n    return 'no part of the API'\n",
}
