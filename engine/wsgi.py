"""The application for a WSGI server: `ENGINE_SITE=mysite gunicorn engine.wsgi:app`."""

from __future__ import annotations

import os

from engine.app.app import create_app
from engine.app.keys import require_key

app = create_app(os.environ.get("ENGINE_SITE", "."))
require_key(app.site)
