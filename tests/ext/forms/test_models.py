"""Forms made of models: of SQLAlchemy by their columns, of pydantic by their fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from doors import Files, Served
from forms_tools import KEY, Visitor, site_of, token_of

MODELS = """
    import datetime as dt
    import enum
    from decimal import Decimal
    from sqlalchemy import Numeric, String, Text
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class Kind(enum.Enum):
        white_bread = 1
        rye = 2

    class Loaf(Base):
        __tablename__ = "loaf"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(10), info={"label": "Its name", "hint": "Short"})
        story: Mapped[str | None] = mapped_column(Text)
        price: Mapped[Decimal] = mapped_column(Numeric(5, 2))
        kind: Mapped[Kind]
        baked: Mapped[dt.date | None]
        sold: Mapped[bool] = mapped_column(default=False)
        weight: Mapped[int] = mapped_column(default=500)
        salt: Mapped[float | None]
        secret: Mapped[bytes | None]
        is_admin: Mapped[bool] = mapped_column(default=False)
"""
MODEL_PAGE = """
    from engine.ext.forms import model_form
    from models import Loaf

    freeze = False
    LoafForm = model_form(Loaf, ["name", "story", "price", "kind", "baked", "sold", "weight"])

    def get():
        loaf = Loaf(name="Oat", kind=None, price=4)
        return {"form": LoafForm(obj=loaf)}

    def post():
        form, loaf = LoafForm(), Loaf(is_admin=False)
        if not form.validate_on_submit():
            return {"form": form}, 422
        form.populate_obj(loaf)
        names = ("name", "story", "price", "kind", "baked", "sold", "weight", "is_admin")
        return repr([getattr(loaf, name) for name in names])
"""


def with_models(page: str, models: str = MODELS) -> Files:
    return {**site_of(page), "models.py": models}


def visit(served: Callable[..., Served], files: Files) -> Visitor:
    return Visitor(served(files, secret_key=KEY))


def test_a_model_of_sqlalchemy_gets_what_its_form_was_sent(served: Callable[..., Served]) -> None:
    visitor = visit(served, with_models(MODEL_PAGE))
    sent = {"name": "Rye", "story": "", "price": "4.50", "kind": "rye", "baked": "2026-11-28", "weight": "9"}
    answer = visitor.send(**sent, is_admin="y", csrf_token=visitor.token())
    assert answer.text == (
        "['Rye', None, Decimal('4.50'), <Kind.rye: 2>, datetime.date(2026, 11, 28), False, 9, False]"
    )


def test_the_columns_of_a_model_say_what_its_form_wants(served: Callable[..., Served]) -> None:
    visitor = visit(served, with_models(MODEL_PAGE))
    html = visitor.see()
    assert 'maxlength="10"' in html and "Its name" in html and ">Short</p>" in html
    assert '<option value="white_bread">White bread</option>' in html
    assert 'value="Oat"' in html and "is_admin" not in html
    wrong = visitor.send(name="x" * 11, price="dear", kind="cake", csrf_token=token_of(html)).text
    for message in ("longer than 10", "Not a valid decimal value.", "#kind", "#weight"):
        assert message in wrong
    assert "#story" not in wrong and "#baked" not in wrong and "#sold" not in wrong


@pytest.mark.parametrize(
    ("weight", "is_wrong"), [("2147483647", False), ("2147483648", True), ("9" * 30, True)]
)
def test_a_whole_number_that_no_database_could_hold_is_an_error(
    served: Callable[..., Served], weight: str, is_wrong: bool
) -> None:
    visitor = visit(served, with_models(MODEL_PAGE))
    answer = visitor.send(name="Rye", price="4", kind="rye", weight=weight, csrf_token=visitor.token())
    assert ("Weight: Not a valid integer value." in answer.text) == is_wrong


NUMBERS = """
    from engine.ext.forms import model_form
    from models import Loaf

    freeze = False
    LoafForm = model_form(Loaf, ["price", "salt"])

    def get():
        return {"form": LoafForm()}

    def post():
        form = LoafForm()
        return repr(form.data) if form.validate_on_submit() else ({"form": form}, 422)
"""


@pytest.mark.parametrize(
    ("price", "salt", "wrong"),
    [
        ("999.994", "1e308", []),
        ("-999.99", "-0.5", []),
        ("999.995", "", ["#price"]),
        ("-1000", "", ["#price"]),
        ("1e400", "1e400", ["#price", "#salt"]),
        ("Infinity", "-inf", ["#price", "#salt"]),
        ("NaN", "nan", ["#price", "#salt"]),
        ("sNaN", "", ["#price"]),
        ("1e999999999", "1e999999999", ["#price", "#salt"]),
    ],
)
def test_a_number_that_no_column_could_hold_is_an_error(
    served: Callable[..., Served], price: str, salt: str, wrong: list[str]
) -> None:
    visitor = visit(served, with_models(NUMBERS))
    answer = visitor.send(price=price, salt=salt, csrf_token=visitor.token())
    assert answer.status_code == (422 if wrong else 200), answer.text
    assert re.findall('href="(#[a-z]+)"', answer.text) == wrong


@pytest.mark.parametrize(("amount", "status"), [("1e300", 200), ("1e400", 422), ("-1e400", 422)])
def test_a_number_without_digits_is_one_that_a_float_can_hold(
    served: Callable[..., Served], amount: str, status: int
) -> None:
    column = "        amount: Mapped[Decimal | None]\n        secret:"
    models = MODELS.replace("        secret:", column)
    visitor = visit(served, with_models(NUMBERS.replace('"price", "salt"', '"amount"'), models))
    assert visitor.send(amount=amount, csrf_token=visitor.token()).status_code == status


def test_a_choice_of_nothing_but_spaces_is_none(served: Callable[..., Served]) -> None:
    column = "        cut: Mapped[Literal['thin', 'thick'] | None]\n        secret:"
    models = MODELS.replace("        secret:", column).replace(
        "import enum", "import enum\n    from typing import Literal"
    )
    visitor = visit(served, with_models(NUMBERS.replace('"price", "salt"', '"cut", "story"'), models))
    answer = visitor.send(cut=" ", story=" ", csrf_token=visitor.token())
    assert answer.text == "{'cut': None, 'story': None}"


@pytest.mark.parametrize(
    ("names", "what"),
    [
        ('["nmae"]', "Loaf has no column 'nmae'"),
        ('["secret"]', "there is no field for Loaf.secret, a LargeBinary()."),
    ],
)
def test_a_form_of_what_is_no_column_is_an_error_of_the_site(
    faults: Callable[..., list[str]], names: str, what: str
) -> None:
    page = f"from engine.ext.forms import model_form\nfrom models import Loaf\nmodel_form(Loaf, {names})\n"
    [fault] = faults({"models.py": MODELS, "pages/a.py": page})
    assert fault.startswith("pages/a.py:3: ") and what in fault


def test_a_field_of_a_model_can_be_replaced(served: Callable[..., Served]) -> None:
    page = MODEL_PAGE.replace(
        '"weight"])', '"weight"], price=StringField("Cost"), note=StringField("Note"))'
    ).replace("from models", "from wtforms import StringField\n    from models")
    html = visit(served, with_models(page)).see()
    assert '<label for="price">Cost</label>' in html and '<label for="note">Note</label>' in html
    labels = re.findall('<label for="([a-z]+)"', html)
    assert labels.index("price") < labels.index("weight") < labels.index("note"), "in its place"


ORDER = """
    import datetime as dt
    import enum
    from decimal import Decimal
    from typing import Annotated, Literal
    from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

    class Size(enum.Enum):
        small = "s"
        very_large = "xl"

    class Order(BaseModel):
        name: str = Field(max_length=10, title="Your name", description="As on the bell")
        loaves: int = Field(ge=1, le=9, default=1)
        price: Decimal | None = None
        day: dt.date
        size: Size
        bread: Literal["rye", "oat"] = "rye"
        extras: list[Literal["nuts", "seeds"]] = []
        code: SecretStr | None = None
        gift: bool = False
        comment: str | None = None

        @field_validator("name")
        @classmethod
        def no_eve(cls, value):
            if value == "Eve":
                raise ValueError("We do not serve Eve.")
            return value

        @model_validator(mode="after")
        def whole(self):
            if self.gift and self.loaves > 5:
                raise ValueError("That is too much of a gift.")
            return self
"""
ORDER_PAGE = """
    from engine.ext.forms import pydantic_form
    from models import Order

    freeze = False
    OrderForm = pydantic_form(Order)

    def get():
        return {"form": OrderForm()}

    def post():
        form = OrderForm()
        if not form.validate_on_submit():
            return {"form": form}, 422
        order = form.instance
        assert type(order) is Order
        return f"{order!r}"
"""
GOOD = {"name": "Ada", "loaves": "2", "day": "2026-11-28", "size": "xl", "bread": "oat"}


def test_pydantic_makes_its_model_of_what_was_sent(served: Callable[..., Served]) -> None:
    visitor = visit(served, with_models(ORDER_PAGE, ORDER))
    more = {"price": "4.50", "extras": ["nuts", "seeds"], "code": "x", "comment": ""}
    answer = visitor.send(**GOOD, **more, csrf_token=visitor.token())
    assert answer.text == (
        "Order(name='Ada', loaves=2, price=Decimal('4.50'), day=datetime.date(2026, 11, 28), "
        "size=<Size.very_large: 'xl'>, bread='oat', extras=['nuts', 'seeds'], code=SecretStr('**********'), "
        "gift=False, comment=None)"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, '<a href="#name">Your name: This field is required.</a>'),
        ({"name": "Eve"}, '<a href="#name">Your name: We do not serve Eve.</a>'),
        ({"name": "x" * 11}, '<a href="#name">Your name: String should have at most 10 characters</a>'),
        ({"loaves": "two"}, '<a href="#loaves">Loaves: Not a valid integer value.</a>'),
        ({"loaves": "10"}, '<a href="#loaves">Loaves: Input should be less than or equal to 9</a>'),
        ({"day": "tomorrow"}, '<a href="#day">Day: Not a valid date value.</a>'),
        ({"bread": "cake"}, '<a href="#bread">Bread: Not a valid choice.</a>'),
        ({"size": ""}, '<a href="#size">Size: This field is required.</a>'),
        ({"extras": ["cake"]}, '<a href="#extras-0">Extras: Not a valid choice.</a>'),
        ({"loaves": "9", "gift": "y"}, "<li>That is too much of a gift.</li>"),
        ({"csrf_token": "x"}, "This form was open for too long"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_pydantic_refuses_is_told_at_its_field(
    served: Callable[..., Served], change: dict[str, Any], message: str
) -> None:
    visitor = visit(served, with_models(ORDER_PAGE, ORDER))
    answer = visitor.send(**{**GOOD, "csrf_token": visitor.token(), **change})
    assert (answer.status_code, message in answer.text) == (422, True)
    assert 'value="2026-11-28"' in answer.text or "day" in change


SLICED = """
    from typing import Literal
    from pydantic import AliasChoices, BaseModel, Field
    from engine.ext.forms import pydantic_form

    freeze = False

    class Sliced(BaseModel):
        thick: Literal[8, 12] = Field(12, alias="thick-mm")
        cuts: list[Literal[1, 2]] = [2]
        name: str = Field(validation_alias=AliasChoices("loaf", "name-of-loaf"))

    SlicedForm = pydantic_form(Sliced)

    def get():
        return {"form": SlicedForm()}

    def post():
        form = SlicedForm()
        if form.validate_on_submit():
            return f"{form.instance.model_dump()}", 201
        return {"form": form}, 422
"""


def test_numbers_may_be_chosen_and_a_field_may_be_called_otherwise_elsewhere(
    served: Callable[..., Served],
) -> None:
    visitor = visit(served, site_of(SLICED))
    page = visitor.see()
    assert '<option selected value="12">' in page and re.search(
        r"<input checked[^>]*cuts[^>]*value=.2.", page
    )
    sent = {"thick": "8", "cuts": ["1", "2"], "name": "Rye", "csrf_token": token_of(page)}
    assert visitor.send(**sent).text == "{'thick': 8, 'cuts': [1, 2], 'name': 'Rye'}"
    again = visitor.send(**{**sent, "thick": "9", "name": ""}).text
    assert '<a href="#thick">Thick: Not a valid choice.' in again
    assert '<a href="#name">Name: This field is required.' in again


def test_the_fields_of_a_model_say_what_its_form_wants(served: Callable[..., Served]) -> None:
    html = visit(served, with_models(ORDER_PAGE, ORDER)).see()
    for part in ('maxlength="10"', "As on the bell", 'type="number"', 'max="9"', 'min="1"', 'type="date"'):
        assert part in html, part
    assert '<option value="xl">Very large</option>' in html
    assert 'type="password"' in html and 'type="checkbox"' in html and 'value="1"' in html


def test_a_field_of_a_model_of_pydantic_is_replaced_in_its_place(served: Callable[..., Served]) -> None:
    page = ORDER_PAGE.replace("(Order)", '(Order, comment=TextAreaField("Anything else"))', 1)
    page = page.replace("from models", "from wtforms import TextAreaField\n    from models")
    html = visit(served, with_models(page, ORDER)).see()
    assert re.findall('<label for="([a-z]+)"', html)[-1] == "comment" and "Anything else" in html


def test_a_type_that_no_field_can_hold_is_an_error_of_the_site(faults: Callable[..., list[str]]) -> None:
    page = """
        from pydantic import BaseModel
        from engine.ext.forms import pydantic_form
        class Where(BaseModel):
            place: dict[str, int]
        pydantic_form(Where)
    """
    [fault] = faults({"pages/a.py": page})
    assert (
        "there is no field for Where.place, a dict[str, int]. Give pydantic_form() a field: place=…" in fault
    )


# What an object holds is shown, and comes back as it was

KEPT = """
    import datetime as dt
    import enum
    from decimal import Decimal
    from sqlalchemy import Numeric
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
    from pydantic import BaseModel

    class Base(DeclarativeBase):
        pass

    class Kind(enum.Enum):
        white = "w"
        rye = "r"

    NAMES = ["price", "kind", "day", "moment", "time", "sold"]

    class Loaf(Base):
        __tablename__ = "loaf"
        id: Mapped[int] = mapped_column(primary_key=True)
        price: Mapped[Decimal] = mapped_column(Numeric(9, 4))
        kind: Mapped[Kind]
        day: Mapped[dt.date]
        moment: Mapped[dt.datetime]
        time: Mapped[dt.time]
        sold: Mapped[bool]

    class Bun(BaseModel):
        price: Decimal
        kind: Kind
        day: dt.date
        moment: dt.datetime
        time: dt.time
        sold: bool

    VALUES = {
        "price": Decimal("4.1234"),
        "kind": Kind.rye,
        "day": dt.date(2026, 11, 28),
        "moment": dt.datetime(2026, 11, 28, 4, 30, 15),
        "time": dt.time(4, 30, 15),
        "sold": False,
    }
"""
EDIT = {
    "sqlalchemy": """
        from engine.ext.forms import model_form
        from models import Loaf as Made, NAMES, VALUES
        Edit = model_form(Made, NAMES)
        def result(form):
            made = Made()
            form.populate_obj(made)
            return made
    """,
    "pydantic": """
        from engine.ext.forms import pydantic_form
        from models import Bun as Made, VALUES
        Edit = pydantic_form(Made)
        def result(form):
            return form.instance
    """,
}
HANDLERS = """
        freeze = False
        def get():
            return {"form": Edit(obj=Made(**VALUES))}
        def post():
            form = Edit()
            if not form.validate_on_submit():
                return {"form": form}, 422
            made = result(form)
            return str([name for name, value in VALUES.items() if getattr(made, name) != value])
"""


@pytest.mark.parametrize("kind", EDIT)
def test_what_an_object_holds_is_shown_and_comes_back_as_it_was(
    served: Callable[..., Served], kind: str
) -> None:
    visitor = visit(served, with_models(EDIT[kind] + HANDLERS, KEPT))
    html = visitor.see()
    sent = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', html))
    sent.update(re.findall(r'<select[^>]*name="(\w+)".*?<option selected value="(\w+)"', html, re.DOTALL))
    assert sorted(sent) == ["csrf_token", "day", "kind", "moment", "price", "sold", "time"]
    del sent["sold"]  # a box without a tick is not sent
    assert visitor.send(**sent).text == "[]"


@pytest.mark.parametrize("kind", EDIT)
def test_of_several_things_one_must_be_chosen_and_a_box_need_not_be_ticked(
    served: Callable[..., Served], kind: str
) -> None:
    visitor = visit(served, with_models(EDIT[kind] + HANDLERS.replace("obj=Made(**VALUES)", ""), KEPT))
    html = visitor.see()
    assert re.search(r'<select[^>]*name="kind"[^>]*required[^>]*><option (selected )?value="">', html)
    assert not re.search(r'<input[^>]*name="sold"[^>]*required', html)
