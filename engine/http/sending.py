"""Which files a handler may send, and the answers that send them."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from werkzeug.exceptions import NotFound
from werkzeug.http import dump_options_header
from werkzeug.utils import send_file as werkzeug_send_file

from engine.http.context import current, here
from engine.http.files import FileBody
from engine.http.media_types import media_type
from engine.http.outgoing import Response

CONTROLS = re.compile("[\x00-\x1f\x7f]")


def is_of_site(path: Path) -> bool:
    """Whether a file is below the directory of the site that answers, links resolved."""
    context = current.get(None)
    return context is None or _below(context.app.root, path) is not None


def file_response(path: Path) -> Response:
    """The file with its type and validators; a relative path counts from the site. Raises `NotFound`."""
    context = current.get(None)
    body = FileBody(path if context is None else Path(context.app.root, path))
    headers = [
        ("Content-Type", media_type(path.name)),
        ("Cache-Control", "no-cache"),
        *body.version().headers,
    ]
    response = Response(headers=headers)
    response.response = body
    return response


def send_from_directory(
    directory: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | None = None,
) -> Response:
    """The file `path` below `directory`, which may be outside of the site; a relative one counts from the site.

    Raises `NotFound` where there is no file, and where `path` leads out of `directory`, by a link too. So `path` may
    be what a visitor sent. With `as_attachment` a browser saves the file instead of showing it. `download_name` is the
    name that it is saved under in any case, and tells its type. `max_age` is in seconds; without it a browser asks each
    time whether the file has changed. The others are those of `send_file`.
    """
    root = os.path.realpath(Path(here("send_from_directory").app.root, directory))
    found = _below(root, path)
    if found is None:
        raise NotFound
    if not conditional or etag is not True or last_modified is not None:
        named = CONTROLS.sub("", download_name or os.path.basename(path))
        return send_file(found, mimetype, as_attachment, named, conditional, etag, last_modified, max_age)
    response = file_response(Path(found))
    if mimetype is not None:
        response.mimetype = mimetype
    elif download_name:
        response.content_type = media_type(download_name)
    if as_attachment or download_name:
        kind = "attachment" if as_attachment else "inline"
        response.headers["Content-Disposition"] = _disposition(kind, download_name or os.path.basename(path))
    if max_age:
        response.headers["Cache-Control"] = f"public, max-age={max_age}"
    return response


def send_file(
    file: str | os.PathLike[str] | BinaryIO,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | None = None,
) -> Response:
    """A file that the site's own code has named or made: a path, or an open binary file such as `io.BytesIO`.

    A path may be anywhere; a relative one counts from the site. Never let a visitor have a say in it: for that there is
    `send_from_directory`. `download_name` is the name under which a browser saves it, and tells its type. `max_age` is
    in seconds. Raises `NotFound`, and `TypeError` where nothing tells the type.
    """
    context = here("send_file")
    if isinstance(file, (str, os.PathLike)):
        file = os.path.join(context.app.root, file)
        if not os.path.isfile(file):
            raise NotFound
    response: Response = werkzeug_send_file(  # type: ignore[assignment]
        file,
        context.environ,
        mimetype,
        as_attachment,
        download_name,
        conditional,
        etag,
        last_modified=last_modified,
        max_age=max_age,
        response_class=Response,
    )
    return response


def _disposition(kind: str, name: str) -> str:
    """The header for a file that is saved under `name` (RFC 6266; RFC 8187 where it is not ASCII)."""
    name = CONTROLS.sub("", name)  # a visitor may have chosen it, and no header can hold them
    option = "filename" if name.isascii() else "filename*"
    value = name if name.isascii() else f"UTF-8''{quote(name, safe='')}"
    return dump_options_header(kind, {option: value})


def _below(root: str, path: str | os.PathLike[str]) -> str | None:
    """Where `path` from the real directory `root` really leads; `None` if that is outside of it."""
    try:
        real = os.path.realpath(os.path.join(root, path))
    except ValueError:  # a NUL in the name
        raise NotFound from None
    return real if real.startswith(root.rstrip("/") + "/") or real == root else None
