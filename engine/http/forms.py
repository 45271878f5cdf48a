"""Bodies within their limits, and urlencoded forms and queries, which only this module parses."""

from __future__ import annotations

from collections.abc import Iterator
from string import hexdigits
from typing import IO, Any
from urllib.parse import unquote, unquote_to_bytes

from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser, MultiPartParser
from werkzeug.wsgi import LimitedStream

URLENCODED = "application/x-www-form-urlencoded"
PIECE = 64 * 1024
"""Bytes of a body that are read at once."""
BODY, FORM = "The body", "A form"
"""What is too large."""


class TooLarge(RequestEntityTooLarge):
    """More than a request may bring: 413, and how much that is."""

    def __init__(self, what: str, limit: int, unit: str = "bytes") -> None:
        super().__init__(f"{what} may have {limit:,} {unit}.")


class MeasuredStream(LimitedStream):
    """A body of unknown length whose end the server knows. Raises 413 where it is longer than `limit` bytes.

    Werkzeug's own stops at the limit without a word when it is read whole, and so hands on a part for all.
    """

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        super().__init__(stream, limit, is_max=True)
        self._body = stream

    def on_exhausted(self) -> None:
        if self._body.read(1):
            raise TooLarge(BODY, self.limit)

    def readall(self) -> bytes:
        data = super().readall()
        if data and self.is_exhausted:
            self.on_exhausted()
        return data


def parsed(text: str, storage: type[MultiDict[str, str]]) -> MultiDict[str, str]:
    """The names and values of a query or an urlencoded form."""
    if storage is not ImmutableMultiDict:
        return storage(_pairs(text))
    # Inside it is a dict of lists. Its own constructor copies what it gets item by item.
    made = storage.__new__(storage)
    for name, value in _pairs(text):
        dict.setdefault(made, name, []).append(value)
    return made


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The fields in their order, blank values kept, as `parse_qsl` reads them.

    Written out because `parse_qsl` takes half of the time of a small form. Bytes that are not UTF-8 stay
    percent-encoded.
    """
    for field in text.replace("+", " ").split("&"):
        if field:
            name, _, value = field.partition("=")
            yield (_unquoted(name), _unquoted(value)) if "%" in field else (name, value)


_CHARACTERS = {f"{high}{low}": chr(int(high + low, 16)) for high in "01234567" for low in hexdigits}
"""The characters of ASCII by the two digits that stand for them."""


def _unquoted(text: str) -> str:
    first, *others = text.split("%")
    parts = [first]
    for other in others:
        character = _CHARACTERS.get(other[:2])
        if character is None:  # a byte that is no ASCII, or no escape
            return _unquoted_bytes(text)
        parts += character, other[2:]
    return "".join(parts)


def _unquoted_bytes(text: str) -> str:
    if not text.isascii():
        return unquote(text, errors="werkzeug.url_quote")
    return unquote_to_bytes(text).decode(errors="werkzeug.url_quote")  # the same in half of the time


class FormParser(FormDataParser):
    """Werkzeug's parser with its limits on multipart forms set on urlencoded ones too."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        if mimetype != URLENCODED:
            return super().parse(stream, mimetype, content_length, options)
        limit = self.max_form_memory_size
        raw = stream.read() if limit is None else b"".join(_up_to(stream, limit))
        return stream, fields(raw, self.max_form_parts, self.cls), self.cls()

    def _parse_multipart(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        """Werkzeug's, by pieces that the limit lets through: it counts all that it holds, the bytes of files too."""
        limit = self.max_form_memory_size
        parser = MultiPartParser(
            self.stream_factory,
            limit,
            self.cls,
            buffer_size=PIECE if limit is None else max(1, min(PIECE, limit // 2)),
            max_form_parts=self.max_form_parts,
        )
        boundary = options.get("boundary", "").encode("ascii")
        if not boundary:
            raise ValueError("Missing boundary")
        try:
            return stream, *parser.parse(stream, boundary, content_length)
        except TooLarge:
            raise
        except RequestEntityTooLarge:  # it does not say of which
            parts = self.max_form_parts
            what = FORM if parts is None else f"{FORM} may have {parts:,} fields, and each"
            raise TooLarge(what, limit or 0) from None


def fields(raw: bytes, limit: int | None, storage: type[MultiDict[str, Any]]) -> MultiDict[str, str]:
    """The fields of an urlencoded form; none where it is not UTF-8. Raises 413 for more than `limit`."""
    if limit is not None and raw.count(b"&") >= limit:
        raise TooLarge(FORM, limit, "fields")
    try:
        return parsed(raw.decode(), storage)
    except UnicodeDecodeError:
        return storage()


def _up_to(stream: IO[bytes], limit: int) -> Iterator[bytes]:
    """The chunks of `stream` to its end. Raises 413 where they are more than `limit` bytes."""
    left = limit
    while chunk := stream.read(min(left + 1, PIECE)):
        left -= len(chunk)
        if left < 0:
            raise TooLarge(FORM, limit)
        yield chunk


def read_exactly(stream: IO[bytes], length: int) -> bytes:
    """`length` bytes, however short each read is. Raises 400 where the client goes away before."""
    chunks, left = [], length
    while left:
        try:
            chunk = stream.read(left)
        except (OSError, ValueError):
            chunk = b""
        if not chunk:
            raise ClientDisconnected()
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)
