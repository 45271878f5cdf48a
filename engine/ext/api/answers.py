"""What a handler answers: validated against what it says it returns, sent as JSON, with an entity tag."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

import werkzeug
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from werkzeug.exceptions import PreconditionFailed, PreconditionRequired
from werkzeug.http import parse_etags

from engine import Response, current_app, make_response, request
from engine.errors import Fault, SiteError
from engine.ext.api.problems import as_problem
from engine.ext.api.slices import Slice, SliceOf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON = "application/json"
T = TypeVar("T")
TAGGED = frozenset({"get", "head", "handler"})
"""The names of functions that answer GET."""
_opaque = re.compile(r"[\x21\x23-\x7e\x80-\xff]*").fullmatch
"""What may stand between the quotes of an entity tag (RFC 9110 §8.8.3)."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A value with what else is to be said of it. `etag` names its version: a number or a text of the site's own."""

    value: T
    status: int | None = None
    location: str = ""
    etag: str | int = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Tagged(Response):
    """A response with a strong entity tag, of its bytes unless it has one: 304 for who has these already.

    The tag is made while the response is sent. So what hooks do to the body counts, and a page whose answer can be
    frozen has not read a header of its visitor.
    """

    def own_tag(self) -> str:
        given = None if self.is_untouched else self.headers.get("ETag")
        return given or quoted(blake2b(self.get_data(), digest_size=12).hexdigest())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and self.status_code == 200:
            tag = self.own_tag()
            if self.is_untouched or "ETag" not in self.headers:
                self.add_header("ETag", tag)
            if (known := environ.get("HTTP_IF_NONE_MATCH")) is not None and _knows(known, tag):
                kept = [it for it in self.headers if not it[0].lower().startswith("content-")]
                start_response("304 NOT MODIFIED", kept)
                return ()
        return super().__call__(environ, start_response)


def _knows(known: str, tag: str) -> bool:
    # Nearly always it is the tag that we sent.
    return known == tag or parse_etags(known).contains_weak(tag[1:-1])


def quoted(version: str | int) -> str:
    """A strong entity tag. Raises `ValueError` for a version that none can hold."""
    if not _opaque(str(version)):
        raise ValueError(f"an ETag cannot hold {version!r}: no space, quote or control may stand in it")
    return f'"{version}"'


def check_match(etag: str | int) -> None:
    """Refuse a request that was made for another version than `etag`: 412, or 428 if it names none.

    It names one by `If-Match` (RFC 9110 §13.1.1).
    """
    required_match(quoted(etag))


def required_match(tag: str) -> None:
    """Refuse a request unless its `If-Match` has this very tag."""
    listed = parse_etags(given_match())
    if not (listed.star_tag or listed.is_strong(tag[1:-1])):
        raise as_problem(PreconditionFailed("This has changed since you read it. Read it again."))


def given_match() -> str:
    """The header `If-Match`. Raises 428 (RFC 6585 §3)."""
    given: str | None = request.headers.get("If-Match")
    if given is None:
        raise as_problem(PreconditionRequired("Say by If-Match which version you have read: its ETag, or *."))
    return given


class Writer:
    """Makes responses of what one handler returns. `adapter` is `None` where it does not say what that is."""

    def __init__(self, function: Callable[..., Any], kind: Any, status: int | None) -> None:
        self._function = function
        self.kind = model_of(kind)
        self.is_empty = self.kind is type(None)
        self.status = status or (204 if self.is_empty else 200)
        self.adapter: TypeAdapter[Any] | None = None
        if self.kind is not Any and not self.is_empty:
            self.adapter = TypeAdapter(self.kind)
            self._validate = self.adapter.validator.validate_python
            self._dump = self.adapter.serializer.to_json
        self.is_sliced = inspect.isclass(self.kind) and issubclass(self.kind, SliceOf)
        is_model = inspect.isclass(self.kind) and issubclass(self.kind, BaseModel)
        self._model = self.kind if is_model and not self.is_sliced else None
        self._response_of = Tagged if function.__name__ in TAGGED else Response

    def __call__(self, value: Any) -> Any:
        """A response, or the value itself where the engine knows what it means."""
        if type(value) is self._model:  # it was validated when it was made
            return self._sent(value, self.status)
        if isinstance(value, werkzeug.Response):
            return value
        if isinstance(value, Answer):
            return self._answer(value)
        if type(value) is tuple and value and not isinstance(value[0], tuple):
            return self._tuple(value)
        if self.adapter is None and not self.is_empty:
            return value if self.status == 200 else (value, self.status)
        response = self._response(value, self.status)
        if isinstance(value, Slice) and value.links:
            response.headers["Link"] = value.links
        return response

    def _answer(self, answer: Answer[Any]) -> Response:
        status = answer.status or self.status
        response = self._response(answer.value, status)
        if isinstance(answer.value, Slice) and answer.value.links:
            response.headers["Link"] = answer.value.links
        response.headers.update(answer.headers)
        if answer.location:
            response.headers["Location"] = answer.location
        if answer.etag != "":
            response.headers["ETag"] = quoted(answer.etag)
        return response

    def _tuple(self, value: tuple[Any, ...]) -> Any:
        """As the engine takes it, with the body made JSON."""
        if self.adapter is None:
            return value
        body, *rest = value
        response: Response = make_response(self._response(body, self.status), *rest)
        return response

    def _response(self, value: Any, status: int) -> Response:
        if self.is_empty:
            if value is not None:
                raise self._wrong("a value, and says that it returns None")
            return Response.quick(b"", JSON, status)
        if self.adapter is None:
            made: Response = make_response(value)
            made.status_code = status
            return made
        try:
            return self._sent(self._validate(value, from_attributes=True), status)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            listed = [f"{'.'.join(map(str, one['loc'])) or 'the value'}: {one['msg']}" for one in found[:5]]
            more = [f"{len(found) - 5} more"] if len(found) > 5 else []
            raise self._wrong(f"what it does not say: {'; '.join([*listed, *more])}") from None

    def _sent(self, value: Any, status: int) -> Response:
        """A value of the very type, as JSON. What was changed since it was validated is found here."""
        try:
            return self._response_of.quick(self._dump(value, by_alias=True, warnings="error"), JSON, status)
        except PydanticSerializationError as error:
            fields = re.findall(r"field_name='(\w+)'", str(error))
            where = f" in {', '.join(dict.fromkeys(fields))}" if fields else ""
            raise self._wrong(f"what it does not say{where}: a value of another type") from None

    def _wrong(self, what: str) -> SiteError:
        code = inspect.unwrap(self._function).__code__
        file = code.co_filename.removeprefix(current_app.root.rstrip("/") + "/")
        name = self._function.__name__
        hint = f"It says `-> {shown(self.kind)}`"
        return SiteError(Fault("api-answer", file, f"`{name}()` returned {what}", hint, code.co_firstlineno))


def model_of(kind: Any) -> Any:
    """What is validated and documented of a return annotation: `Any` where that is a response or nothing known."""
    origin = get_origin(kind)
    if kind is inspect.Signature.empty or kind is Any:
        return Any
    if kind is None:
        return type(None)
    if origin is Annotated:
        return kind
    if origin in (Union, types.UnionType):
        parts = [it for it in get_args(kind) if not _is_response(it)]
        models = [model_of(it) for it in parts]
        return Union[tuple(models)] if models else Any  # noqa: UP007  a tuple of them
    if origin is Answer:
        return model_of(get_args(kind)[0])
    if origin is Slice:
        return SliceOf[get_args(kind)[0]]  # type: ignore[misc]
    if kind is Slice:
        return SliceOf[Any]
    return Any if _is_response(kind) or kind is Answer else kind


def _is_response(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, werkzeug.Response)


def shown(kind: Any) -> str:
    """A type as its author wrote it, nearly."""
    if kind is type(None):
        return "None"
    return kind.__name__ if isinstance(kind, type) else re.sub(r"(?:\w+|<[^>]*>)\.", "", str(kind))
