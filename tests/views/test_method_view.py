"""A page may be a class: its methods answer the methods of HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Door, Served

VIEW = """
    from engine import MethodView, request

    class Loaf(MethodView):
        def __init__(self, shop="the shop"):
            self.shop = shop
            self.asked = 0

        def get(self, name):
            self.asked += 1
            return f"{{name}} of {{self.shop}}, {{self.asked}}"

        def post(self, request, name="rye"):
            return f"{{request.method}} {{name}}", 201

        async def put(self, name):
            return "later"

    {end}
"""


def view(end: str = "handler = Loaf") -> dict[str, str]:
    return {"pages/[name].py": VIEW.format(end=end)}


def test_each_method_answers_its_own(served: Callable[..., Served]) -> None:
    client = served(view()).client
    assert client.get("/oat/").text == "oat of the shop, 1"
    assert (client.post("/oat/").text, client.post("/oat/").status_code) == ("POST oat", 201)
    assert client.put("/oat/").text == "later"
    assert client.delete("/oat/").status_code == 405
    assert client.options("/oat/").headers["Allow"] == "GET, HEAD, OPTIONS, POST, PUT"
    assert client.head("/oat/").status_code == 200


def test_each_request_has_an_instance_of_its_own(served: Callable[..., Served]) -> None:
    client = served(view()).client
    assert [client.get("/oat/").text for _ in range(2)] == ["oat of the shop, 1"] * 2


def test_one_instance_answers_all_where_the_class_says_so(served: Callable[..., Served]) -> None:
    client = served(view("Loaf.init_every_request = False\n    handler = Loaf")).client
    assert [client.get("/oat/").text for _ in range(2)] == ["oat of the shop, 1", "oat of the shop, 2"]


def test_a_class_may_say_which_methods_it_answers(served: Callable[..., Served]) -> None:
    client = served(view("Loaf.methods = ['GET']\n    handler = Loaf")).client
    assert (client.get("/oat/").status_code, client.post("/oat/").status_code) == (200, 405)


def test_a_class_of_another_kind_is_a_fault(faults: Callable[..., list[str]]) -> None:
    [fault] = faults({"pages/a.py": "class handler:\n    def get(self):\n        return ''\n"})
    assert fault.startswith("pages/a.py: `handler` is a class, and no MethodView. ")


def test_an_instance_is_made_of_what_as_view_is_told(served: Callable[..., Served]) -> None:
    door = served(view("handler = Loaf.as_view('loaf', shop='the mill')"))
    assert door.get("/oat/").text == "oat of the mill, 1"


def test_functions_of_the_module_go_first(served: Callable[..., Served]) -> None:
    door = served(view("handler = Loaf\n    def get(name):\n        return 'function'"))
    assert door.get("/oat/").text == "function"
    assert door.client.post("/oat/").status_code == 201


def test_decorators_surround_each_method(served: Callable[..., Served]) -> None:
    text = """
        from functools import wraps
        from engine import MethodView

        def loud(function):
            @wraps(function)
            def call(*args, **kwargs):
                return function(*args, **kwargs).upper()
            return call

        class handler(MethodView):
            decorators = [loud]

            def get(self, name):
                return name
    """
    assert served({"pages/[name].py": text}).get("/oat/").text == "OAT"


def test_a_class_is_frozen_as_functions_are(door: Callable[..., Door]) -> None:
    text = """
        from engine import MethodView

        class handler(MethodView):
            def get(self):
                return "a page"
    """
    assert door({"pages/a.py": text}).get("/a/").text == "a page"


@pytest.mark.parametrize(
    "method, expected",
    [
        (
            "def get(self):",
            "pages/[name].py:4: `get()` does not take the path parameter `name`. Write get(name).",
        ),
        (
            "def get(self, name, more):",
            "pages/[name].py:4: `get()` wants `more`, which is neither a path parameter",
        ),
        ("def other(self):", "pages/[name].py: has no function that answers a request."),
    ],
)
def test_a_method_that_cannot_answer_is_a_fault(
    faults: Callable[..., list[str]], method: str, expected: str
) -> None:
    text = f"from engine import MethodView\n\nclass handler(MethodView):\n    {method}\n        return ''\n"
    [fault] = faults({"pages/[name].py": text})
    assert fault.startswith(expected)
