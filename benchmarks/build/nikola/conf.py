BLOG_AUTHOR = BLOG_TITLE = "Bench"
BLOG_EMAIL = "bench@example.com"
BLOG_DESCRIPTION = "Newest posts"
SITE_URL = "https://bench.example.com/"
DEFAULT_LANG = "en"
TRANSLATIONS = {"en": ""}
TIMEZONE = "UTC"
THEME = "bench"

POSTS = (("posts/*.md", "", "post.tmpl"),)
PAGES = ()
COMPILERS = {"markdown": [".md"]}
MARKDOWN_EXTENSIONS = ["markdown.extensions.fenced_code", "markdown.extensions.tables"]
MARKDOWN_EXTENSION_CONFIGS = {"en": {}}
DEMOTE_HEADERS = 0

URL_TYPE = "full_path"
STRIP_INDEXES = PRETTY_URLS = True
CATEGORY_DESTPATH_AS_DEFAULT = CATEGORY_PAGES_FOLLOW_DESTPATH = True
CATEGORY_PAGES_ARE_INDEXES = CATEGORY_ALLOW_HIERARCHIES = True
CATEGORY_OUTPUT_FLAT_HIERARCHY = False
TAG_PATH = "tags"
INDEX_DISPLAY_POST_COUNT = FEED_LENGTH = 20
INDEXES_STATIC = False
INDEXES_PRETTY_PAGE_URL = ["page", "{number}", "{index_file}"]
FEED_TEASERS = True
GENERATE_ATOM = COPY_SOURCES = SHOW_SOURCELINK = USE_BUNDLES = False
WARN_ABOUT_TAG_METADATA = False
FILES_FOLDERS = {"files": ""}
IMAGE_FOLDERS = GALLERY_FOLDERS = LISTINGS_FOLDERS = {}
DISABLED_PLUGINS = [
    "classify_archive",
    "classify_authors",
    "classify_page_index",
    "copy_assets",
    "create_bundles",
    "gzip",
    "redirect",
    "render_galleries",
    "render_listings",
    "render_sources",
    "robots",
    "scale_images",
]

NAVIGATION_ALT_LINKS = {"en": ()}
NAVIGATION_LINKS = {
    "en": (
        ("/", "Home"),
        ("/section-000/", "First section"),
        ("/tags/tag-alpha/", "Alpha"),
        ("/tags/tag-beta/", "Beta"),
        ("/tags/tag-gamma/", "Gamma"),
        ("/tags/tag-delta/", "Delta"),
        ("/tags/tag-epsilon/", "Epsilon"),
        ("/tags/tag-zeta/", "Zeta"),
        ("/rss.xml", "RSS"),
        ("/sitemap.xml", "Sitemap"),
    )
}
