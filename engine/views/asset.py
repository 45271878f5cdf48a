"""Files that are sent as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.http.context import Context
from engine.http.media_types import media_type
from engine.http.ready import FileReady, Ready
from engine.http.response import Response
from engine.source.files import SourceFile
from engine.trace import depend
from engine.views.view import GET

IN_MEMORY = 1024 * 1024  # bytes; a larger file is read from the disk for each request


class AssetView:
    """Answers with the bytes of a file, its type, validators and ranges."""

    methods = GET
    answers_options = False

    def __init__(self, file: SourceFile, freeze: bool | None = None) -> None:
        self.file = file
        self.source = file.path
        self.freeze = freeze

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        return self.ready().response(context.environ)

    def ready(self) -> Ready | FileReady:
        """The answer, kept: in memory where the file is small."""
        depend("file", self.file.path)
        content_type = media_type(self.file.name)
        if self.file.size > IN_MEMORY:
            return FileReady(self.file.location, content_type)
        return Ready.asset(self.file.read(), content_type, self.file.mtime_ns // 1_000_000_000)

    def static_params(self) -> None:
        return None
