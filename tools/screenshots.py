"""Takes the picture of the example site for the README: `python tools/screenshots.py`.

Wants Playwright and Chromium. The site is served by the development server of the standard library, shot on a wide
screen in light colours and on a phone in dark ones, and both are put into `docs/static/example.png`.
"""

from __future__ import annotations

import base64
import sys
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from engine import create_app  # noqa: E402  the engine beside this script, installed or not

PICTURE = ROOT / "docs" / "static" / "example.png"
CHROMIUM = "/usr/bin/chromium"
LIMIT = 200_000  # bytes
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; width: 1120px; height: 700px; position: relative; background: #d9d5cb }}
img {{ position: absolute; border-radius: 10px; box-shadow: 0 0 0 1px #0003 }}
.wide {{ left: 36px; top: 36px; width: 900px }}
.phone {{ right: 36px; bottom: 36px; width: 245px; border-radius: 22px }}
</style><img class="wide" src="data:image/png;base64,{wide}"><img class="phone" src="data:image/png;base64,{phone}">"""


class Quiet(WSGIRequestHandler):
    """Writes no access log."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def main() -> None:
    """Serve the example, take the picture, and say how large it is."""
    app = create_app(ROOT / "sites" / "example", secret_key="for the picture", base_url="")
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            home = f"http://127.0.0.1:{server.server_port}"
            wide = shot(browser, f"{home}/", 1280, 893, "light")
            phone = shot(browser, f"{home}/blog/", 390, 800, "dark")
            page = browser.new_page(viewport={"width": 1120, "height": 700})
            page.set_content(PAGE.format(wide=wide, phone=phone), wait_until="load")
            page.screenshot(path=PICTURE)
            browser.close()
        server.shutdown()
    size = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(ROOT)}: {size:,} bytes")
    sys.exit(f"It is larger than {LIMIT:,} bytes." if size > LIMIT else 0)


def shot(browser: Browser, url: str, width: int, height: int, scheme: str) -> str:
    """One page as a browser shows it, as base64 of a PNG."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(url, wait_until="networkidle")
    return base64.b64encode(page.screenshot()).decode()


if __name__ == "__main__":
    main()
