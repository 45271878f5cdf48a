"""The sitemap (https://www.sitemaps.org/protocol.html): every page that a search engine may show."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from engine import current_app, pages, url_for
from models import Instrument

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
)


def get() -> str:
    entries = (f"  <url><loc>{escape(address)}</loc></url>\n" for address in addresses())
    return HEAD + "".join(entries) + "</urlset>\n"


def addresses() -> Iterator[str]:
    base_url = current_app.config.base_url
    yield from (base_url + page.path for page in pages if page.meta.get("sitemap", True))
    for instrument in Instrument.all():
        yield url_for("/instruments/[slug]", slug=instrument.slug, _external=True)
    for year in pages.under("/blog").where(draft=False).group("date.year"):
        yield url_for("/years/[year=year]", year=year.key, _external=True)
    for tag in pages.under("/blog").group("tags"):
        yield url_for("/tags/[tag]", tag=tag.key, _external=True)
