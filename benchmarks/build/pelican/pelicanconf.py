SITENAME = "Bench"
SITEURL = "https://bench.example.com"
PATH = "content"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
THEME = "theme"
THEME_STATIC_PATHS = ["static"]
THEME_STATIC_DIR = "."
PLUGINS = []
AUTHOR = "Bench"

MARKDOWN = {
    "extensions": ["meta", "fenced_code", "tables"],
    "output_format": "html5",
}

ARTICLE_URL = "{category}/{slug}/"
ARTICLE_SAVE_AS = "{category}/{slug}/index.html"
SLUGIFY_SOURCE = "basename"
CATEGORY_URL = "{slug}/"
CATEGORY_SAVE_AS = "{slug}/index.html"
TAG_URL = "tags/{slug}/"
TAG_SAVE_AS = "tags/{slug}/index.html"
AUTHOR_SAVE_AS = ""
ARCHIVES_SAVE_AS = ""
DIRECT_TEMPLATES = ["index", "sitemap"]
SITEMAP_SAVE_AS = "sitemap.xml"
PAGINATED_TEMPLATES = {"category": 20}
PAGINATION_PATTERNS = (
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
)

FEED_RSS = "rss.xml"
FEED_MAX_ITEMS = 20
RSS_FEED_SUMMARY_ONLY = True
FEED_ATOM = FEED_ALL_ATOM = FEED_ALL_RSS = None
CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
TAG_FEED_ATOM = TAG_FEED_RSS = None
TRANSLATION_FEED_ATOM = TRANSLATION_FEED_RSS = None

CACHE_CONTENT = LOAD_CONTENT_CACHE = False
DEFAULT_PAGINATION = False
WITH_FUTURE_DATES = True

MENUITEMS = [
    ("Home", "/"),
    ("First section", "/section-000/"),
    ("Alpha", "/tags/tag-alpha/"),
    ("Beta", "/tags/tag-beta/"),
    ("Gamma", "/tags/tag-gamma/"),
    ("Delta", "/tags/tag-delta/"),
    ("Epsilon", "/tags/tag-epsilon/"),
    ("Zeta", "/tags/tag-zeta/"),
    ("RSS", "/rss.xml"),
    ("Sitemap", "/sitemap.xml"),
]
