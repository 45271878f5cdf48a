"""What reading a request records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import werkzeug
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from engine.http.request import ObservedRequest, Request
from engine.trace import VISITOR, Trace

# Every public name of Werkzeug's request, sorted by what reading it touches. A name that a new Werkzeug brings
# is on none of these lines and fails the test, until somebody decides where it belongs.
EXPECTED = {
    "cookies": "cookies",
    "headers": (
        "accept_charsets accept_encodings accept_languages accept_mimetypes access_control_request_headers "
        "access_control_request_method authorization cache_control content_encoding content_length content_md5 "
        "content_type date environ headers if_match if_modified_since if_none_match if_range if_unmodified_since "
        "is_json max_forwards mimetype mimetype_params origin pragma range referrer remote_user user_agent "
        "want_form_data_parsed"
    ),
    "query": "args full_path query_string values",
    "body": "data files form get_data get_json input_stream json make_form_data_parser stream",
    "host": "base_url host host_url is_secure root_path root_url scheme script_root server url url_root",
    "address": "access_route remote_addr",
    "path": "path",
}
FREE = (
    "application close dict_storage_class form_data_parser_class from_values is_multiprocess is_multithread "
    "is_run_once json_module list_storage_class max_api_body max_content_length max_form_memory_size max_form_parts "
    "method on_json_loading_failed parameter_storage_class shallow trusted_hosts user_agent_class"
)
WHAT = {name: what for what, names in EXPECTED.items() for name in names.split()} | dict.fromkeys(
    FREE.split()
)

instance = werkzeug.Request(EnvironBuilder("/").get_environ())
PUBLIC = sorted({name for name in (*dir(werkzeug.Request), *vars(instance)) if not name.startswith("_")})


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    return Trace(str(tmp_path))


def observed(trace: Trace, **options: Any) -> ObservedRequest:
    return ObservedRequest(EnvironBuilder("/a?x=1", **options).get_environ(), trace)


@pytest.mark.parametrize("name", PUBLIC)
def test_reading_an_attribute_records_exactly_its_touch(name: str, trace: Trace) -> None:
    assert name in WHAT, f"decide what reading request.{name} touches"
    request = observed(trace, method="POST", json={"a": 1})
    getattr(request, name)
    assert list(trace.touches) == ([] if WHAT[name] is None else [WHAT[name]])


def test_all_but_the_path_is_the_visitors(trace: Trace) -> None:
    assert set(EXPECTED) - set(VISITOR) == {"path"}


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - {"environ"}))
def test_a_watched_request_answers_as_a_plain_one(name: str, trace: Trace) -> None:
    def read(request: werkzeug.Request) -> Any:
        try:
            return getattr(request, name)
        except HTTPException as error:
            return error.code

    builder = EnvironBuilder("/a?x=1", method="POST", data={"a": "b"})
    watched, plain = builder.get_environ(), builder.get_environ()
    found, expected = read(ObservedRequest(watched, trace)), read(Request(plain))
    assert isinstance(found, type(expected))
    if isinstance(expected, (str, int, bytes, dict, list, tuple, type(None))):
        assert found == expected


def test_methods_record_once_what_they_are_for(trace: Trace) -> None:
    assert observed(trace, method="POST", json={"a": 1}).get_json() == {"a": 1}
    assert list(trace.touches) == ["body"]


def test_the_place_of_a_touch_is_the_line_of_the_site(trace: Trace, tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text("def get(request):\n    a = request.method\n    return request.cookies\n")
    names: dict[str, Any] = {}
    exec(compile(page.read_text(), str(page), "exec"), names)
    names["get"](observed(trace))
    assert (trace.touches["cookies"].file, trace.touches["cookies"].line) == (str(page), 3)


def test_a_watched_request_is_a_request_that_keeps_what_is_set_on_it(trace: Trace) -> None:
    request = observed(trace, method="POST", data=b"12345")
    assert isinstance(request, Request)
    request.view_args = {"slug": "x"}
    request.user = "ada"  # type: ignore[attr-defined]
    request.max_content_length = 4
    assert (request.view_args, request.user) == ({"slug": "x"}, "ada")  # type: ignore[attr-defined]
    assert not trace.visitor
    with pytest.raises(HTTPException):
        request.get_data()


def test_showing_a_request_shows_its_host(trace: Trace) -> None:
    assert "http://localhost/a?x=1" in repr(observed(trace))
    assert "host" in trace.touches


def test_an_unknown_attribute_is_an_attribute_error(trace: Trace) -> None:
    with pytest.raises(AttributeError):
        observed(trace).nonsense  # type: ignore[attr-defined]


class Limited(Request):
    max_content_length = 3


def test_a_site_may_have_a_request_class_of_its_own(trace: Trace) -> None:
    environ = EnvironBuilder("/", method="POST", data=b"1234").get_environ()
    assert ObservedRequest(environ, trace, Limited).max_content_length == 3
