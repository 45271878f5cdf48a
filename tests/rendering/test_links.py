"""Links of Markdown files to files of the site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Fault, SiteError
from engine.rendering.links import SourceLinks

URLS = {
    "pages/index.md": "/",
    "pages/about.md": "/about/",
    "pages/docs/index.md": "/docs/",
    "pages/docs/guide.md": "/docs/guide/",
    "pages/docs/guides.md": "/docs/guides/",
    "pages/docs/pic one.png": "/docs/pic%20one.png",
    "pages/docs/über.md": "/docs/%C3%BCber/",
    "pages/docs/a&b?.md": "/docs/a&b%3F/",
    "pages/docs/api/index.py": "/docs/api/",
    "pages/docs/feed.xml.py": "/docs/feed.xml",
    "pages/docs/page.html.jinja": "/docs/page.html",
    "pages/docs/lib/README.md": "/docs/lib/README/",
    "pages/(shop)/cart.md": "/cart/",
    "pages/blog/[slug].md": None,
    "pages/docs/_draft.md": None,
}


def links(source: str = "pages/docs/start.md", base_path: str = "") -> SourceLinks:
    def names(folder: str) -> list[str]:
        return [path for path in URLS if path.rpartition("/")[0] == folder]

    return SourceLinks(source, URLS.get, URLS.__contains__, base_path, names)


def fault(href: str, source: str = "pages/docs/start.md") -> Fault:
    with pytest.raises(SiteError) as raised:
        links(source).resolve(href, 7)
    (found,) = raised.value.faults
    assert (found.file, found.line) == (source, 7)
    return found


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("guide.md", "/docs/guide/"),
        ("./guide.md", "/docs/guide/"),
        ("../about.md", "/about/"),
        ("../docs/../about.md#part", "/about/#part"),
        ("guide.md?x=1&y=2#a?b", "/docs/guide/?x=1&y=2#a?b"),
        ("pic%20one.png", "/docs/pic%20one.png"),
        ("pic one.png", "/docs/pic%20one.png"),
        ("%C3%BCber.md", "/docs/%C3%BCber/"),
        ("u\u0308ber.md", "/docs/%C3%BCber/"),
        ("a&b%3F.md", "/docs/a&b%3F/"),
        ("../%28shop%29/cart.md", "/cart/"),
        ("..", "/"),
        ("../", "/"),
        (".", "/docs/"),
        ("./", "/docs/"),
        ("../docs", "/docs/"),
        ("../docs/?a#b", "/docs/?a#b"),
        ("api/", "/docs/api/"),
        ("feed.xml", "/docs/feed.xml"),
        ("page.html", "/docs/page.html"),
        ("guide", "/docs/guide/"),
        ("./guide?x#y", "/docs/guide/?x#y"),
        ("../about", "/about/"),
        ("lib/", "/docs/lib/README/"),
        ("lib", "/docs/lib/README/"),
        ("@/about.md#part", "/about/#part"),
        ("@/docs/guide.md", "/docs/guide/"),
    ],
)
def test_a_relative_path_of_a_file_becomes_its_url(href, url):
    assert links().resolve(href, 1) == url


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/a.md",
        "HTTP://example.org",
        "mailto:a@b.c",
        "tel:1",
        "data:text/plain,x.md",
        "x-own+scheme.1:a.md",
        "//example.org/a.md",
        "#part",
        "#a.md",
        "?page=2.md",
        "",
        "other/",
        "photo.jpg",
        "download.zip?x#y",
        "guide/",
    ],
)
def test_urls_and_relative_paths_of_no_file_stay_as_they_are(href):
    assert links(base_path="/site").resolve(href, 1) == href


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/", "/site/"),
        ("/about/?a#b", "/site/about/?a#b"),
        ("/nowhere.html", "/site/nowhere.html"),
        ("/docs/guide.md#a", "/site/docs/guide/#a"),
        ("/docs", "/site/docs/"),
        ("/about", "/site/about/"),
        ("guide.md", "/site/docs/guide/"),
        ("../", "/site/"),
    ],
)
def test_every_link_into_the_site_begins_with_its_base_path(href, url):
    assert links(base_path="/site").resolve(href, 1) == url


def test_a_link_to_a_file_that_is_not_there_names_the_nearest_one():
    assert str(fault("guidee.md#x")) == (
        "pages/docs/start.md:7: links to `guidee.md`, which does not exist. The nearest name is `guide.md`."
    )


def test_the_nearest_name_is_given_as_it_would_be_written():
    assert fault("../abuot.md").hint == "The nearest name is `../about.md`"


def test_a_path_from_the_root_of_the_pages_has_to_be_a_file():
    assert str(fault("@/docs/guidee.md")) == (
        "pages/docs/start.md:7: links to `@/docs/guidee.md`, which does not exist. The nearest name is `guide.md`."
    )


def test_a_link_to_nothing_alike_says_what_to_do():
    assert fault("../docs/zzzzzz.html").hint == "Correct the link, or make the file"


@pytest.mark.parametrize("suffix", ["md", "markdown", "html", "py", "jinja"])
def test_a_missing_file_of_every_kind_of_page_is_a_fault(suffix):
    assert fault(f"missing.{suffix}").code == "dead-link"


@pytest.mark.parametrize("href", ["../blog/%5Bslug%5D.md", "../blog/[slug].md", "_draft.md"])
def test_a_file_without_a_url_of_its_own_cannot_be_linked_to(href):
    found = fault(href)
    assert found.code == "dead-link"
    assert "has no URL of its own" in found.what


@pytest.mark.parametrize(
    "href", ["../../site.toml", "../../", "../../../etc/passwd", "%2E%2E/%2e%2e/x", "../../pagesX/a.md"]
)
def test_a_link_out_of_the_pages_is_a_fault(href):
    assert fault(href).code == "link-outside"


def test_a_path_from_the_root_never_asks_for_a_file_outside():
    asked: list[str] = []
    SourceLinks("pages/a.md", URLS.get, lambda path: asked.append(path) or False).resolve(
        "/../../site.toml", 1
    )
    assert all(path.startswith("pages") and ".." not in path for path in asked)


def test_it_can_be_called_as_markdown_calls_it():
    assert links()("guide.md", 3) == "/docs/guide/"


@given(st.text(st.sampled_from("ab./?#%2E:[]()\\ é\0\n"), max_size=20))
def test_any_link_gives_a_url_or_a_fault(href):
    try:
        assert isinstance(links().resolve(href, 1), str)
    except SiteError as error:
        assert {found.code for found in error.faults} <= {"dead-link", "link-outside"}
