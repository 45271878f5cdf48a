"""Apache: the only module that writes a `.htaccess`.

Source: httpd.apache.org/docs/2.4/mod/, mod_rewrite (R, QSD, NE, P, and what per-directory rules see), mod_dir
(DirectorySlash), core (ErrorDocument, FileETag, ForceType, AcceptPathInfo), mod_mime (AddType), mod_headers.
The directory needs `AllowOverride All`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from engine.freeze.hosts.caddy import quoted
from engine.freeze.hosts.model import (
    Deployment,
    Made,
    by_suffix,
    exceeded,
    header_names,
    numbered,
    raw_regex,
    regex,
    unruly_faults,
)
from engine.freeze.hosts.rules import PASSED_ON, HeaderRule, RedirectRule, Rules, named
from engine.http.media_types import BINARY
from engine.routing.redirects import GONE

NAME = "Apache"
CONTROL = "%(?:[01][0-9A-Fa-f]|7[Ff])"
IS_FILE = "expr=-f %{REQUEST_FILENAME}"
PAGE = r"(?:(?:index)?\.html)?$"
"""What the name of a file has after the address of its page."""


def make(site: Deployment) -> Made:
    """A `.htaccess` inside the output."""
    made = Made({".htaccess": "\n".join(_lines(site)) + "\n"}, faults=list(unruly_faults(site, NAME)))
    for output in site.literal:
        made.faults.append(
            exceeded(
                NAME, f"cannot tell {output.url} from a page", f"static/{output.file}", "Rename the file"
            )
        )
    return made


def _word(text: str) -> str:
    """A text as one word of a configuration."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _value(text: str) -> str:
    """The value of a header, in which `%` begins a format."""
    return _word(text.replace("%", "%%"))


def _unvalue(text: str) -> str:
    """What `_value` was given."""
    return re.sub(r"\\(.)", r"\1", text).replace("%%", "%")


def _inner(text: str) -> str:
    """A text as a part of `m#…#`."""
    return re.escape(text).replace("\\#", r"\x23")


def _literal_text(text: str) -> str:
    """A text of a substitution, in which `$` and `%` begin a group."""
    return re.sub(r"([$%\\])", r"\\\1", text)


def _unliteral(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _lines(site: Deployment) -> Iterator[str]:
    yield "# Written by engine. It needs mod_rewrite, mod_dir, mod_mime and mod_headers, and `AllowOverride All`."
    yield "# Not done by Apache: redirects without a body, 405 and the 404 for %2F with the site's own error page."
    if site.hybrid:
        yield "# What is no file goes to the server, which needs mod_proxy_http."
    yield from (
        "Options -Indexes -MultiViews",
        "DirectorySlash Off",
        "DirectoryIndex index.html",
        "AcceptPathInfo Off",
        "DirectoryCheckHandler On",  # what goes to the server is no directory
    )
    yield from ("AddDefaultCharset Off", "FileETag MTime Size")
    yield from _types(site)
    yield from _headers(site)
    if not site.hybrid:
        for page in reversed(site.error_pages):
            yield from _error_page(site, page.file)
    yield from ("RewriteEngine On", f"RewriteBase {site.base_path}/")
    yield from _rules(site)


def _types(site: Deployment) -> Iterator[str]:
    shared, single = by_suffix(site.outputs, "Content-Type")
    for ending, kind in sorted(shared.items()):
        yield f'AddType "{kind}" .{ending}'
    yield from ('<FilesMatch "^[^.]+$">', f'    ForceType "{BINARY}"', "</FilesMatch>")
    for output in site.pages:
        if (kind := single.get(output.file, BINARY)) != BINARY:
            where = f"m#^{_inner(unquote(output.url))}{PAGE}#"
            yield from (f'<If "%{{REQUEST_URI}} =~ {where}">', f'    ForceType "{kind}"', "</If>")


def _headers(site: Deployment) -> Iterator[str]:
    for name, value in site.everywhere:
        yield f"Header setifempty {name} {_value(value)}"
    for name in header_names(site.pages):
        shared, single = by_suffix(site.pages, name)
        for ending, value in sorted(shared.items()):
            yield from (
                rf'<FilesMatch "(?i)\.{ending}$">',
                # An answer of the server has its own.
                f"    Header set {name} {_value(value)}" + (f' "{IS_FILE}"' if site.hybrid else ""),
                "</FilesMatch>",
            )
        urls = {it.file: unquote(it.url) for it in site.pages}
        for file, value in sorted(single.items()):
            condition = f"expr=%{{REQUEST_URI}} =~ m#^{_inner(urls[file])}{PAGE}#"
            yield f'Header set {name} {_value(value)} "{condition}"'


def _error_page(site: Deployment, file: str) -> Iterator[str]:
    folder = file.rpartition("/")[0]
    document = f"ErrorDocument 404 {site.base_path}/{file}"
    if not folder:
        yield document
    else:
        yield from (
            f'<If "%{{REQUEST_URI}} =~ m#^{site.base_path}/{re.escape(folder)}/#">',
            f"    {document}",
            "</If>",
        )


# The path as it was asked: decoded, as REQUEST_URI is, it would be another one with a `?`, a `#` or two slashes.
ASKED = 'RewriteCond %{THE_REQUEST} "^\\S+ ([^ ?]*)"'


def _end(site: Deployment, pattern: str) -> Iterator[str]:
    """A rule that sends on to the server, or says that there is nothing. Its conditions come before it."""
    if site.hybrid:
        yield from (ASKED, f"RewriteRule {pattern} http://{site.server}%1 [P,L,NE]")
    else:
        yield f"RewriteRule {pattern} - [R=404,L]"


def _rules(site: Deployment) -> Iterator[str]:
    yield "RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD)$"
    yield from _end(site, "^") if site.hybrid else ("RewriteRule ^ - [R=405,L]",)
    name = (r"/index\.html",) if site.slash == "always" else (r"\.html", "/404")
    # What the browser asked for: Apache itself asks for index.html and the error pages by these names.
    for hidden in (*name, r"/_redirects", r"/404\.html", r"/\.(?!well-known)[^ ?]*", "//", CONTROL):
        yield "RewriteCond %{ENV:REDIRECT_STATUS} ^$"  # not again on the way to the error page
        end = "" if hidden in ("//", CONTROL) else "/?[ ?]"
        yield rf'RewriteCond %{{THE_REQUEST}} "^\S+ [^ ?]*{hidden}{end}"'
        yield from _end(site, "^")
    for redirect in site.redirects:
        pattern = f'"^{_below(regex(redirect.source), site.base_path)}/?$"'
        if site.hybrid:
            yield from _end(site, pattern)
            continue
        if not redirect.is_static:
            yield "RewriteCond %{REQUEST_FILENAME}/index.html !-f"
            # As it was asked: a decoded ? or # would mean something else in the location.
            yield rf'RewriteCond %{{THE_REQUEST}} "^\S+ {raw_regex(redirect.source)}/?[ ?]"'
        target = numbered(redirect, "%{}", _literal_text)
        yield f'RewriteRule {pattern} "{target}" [R={redirect.status},L,NE,QSD]'
    for gone in () if site.hybrid else site.gone:
        if not gone.is_static:
            yield "RewriteCond %{REQUEST_FILENAME}/index.html !-f"
        yield f'RewriteRule "^{_below(regex(gone.source), site.base_path)}/?$" - [R={GONE},L]'
    yield from _slashes(site)


def _below(pattern: str, base_path: str) -> str:
    """The part of a pattern that a rule in a directory sees."""
    return pattern.removeprefix(re.escape(unquote(base_path)).replace("\\-", "-")).removeprefix("/")


def _slashes(site: Deployment) -> Iterator[str]:
    base = site.base_path
    if site.hybrid:
        yield from ("RewriteCond %{REQUEST_FILENAME} !-f", "RewriteCond %{REQUEST_FILENAME}/index.html !-f")
        yield from _end(site, "^")
        yield "RewriteCond %{REQUEST_FILENAME} -d"
        yield from _end(site, "[^/]$")
        yield "RewriteCond %{REQUEST_FILENAME} -f"
        yield from _end(site, "/$")
        return
    root = "%{DOCUMENT_ROOT}" if not base else site.root
    for suffix in ("",) if site.slash == "always" else ("", ".html"):
        yield from (f'RewriteCond "{root}/$1{suffix}" -f', f"RewriteRule ^(.+)/$ {base}/$1 [R=308,L]")
    if site.slash == "always":
        yield from (
            "RewriteCond %{REQUEST_FILENAME}/index.html -f",
            f"RewriteRule ^(.*[^/])$ {base}/$1/ [R=308,L]",
        )
    else:
        # A file name of which only the first part is there ends with that part in REQUEST_FILENAME.
        yield from (f'RewriteCond "{root}/$1.html" -f', ASKED, "RewriteRule ^(.*[^/])$ %1.html [L]")


COND = r'(?:RewriteCond %\{THE_REQUEST\} "\^\\S\+ (.*)/\?\[ \?\]"\n)?'
READ_RULE = re.compile(rf'^{COND}RewriteRule "\^(.*)\$" "(.*)" \[R=(\d+),L,NE,QSD\]$', re.MULTILINE)
READ_PASSED = re.compile(r'^RewriteRule "\^(.*)\$" http://\S+ \[P,L,NE\]$', re.MULTILINE)
READ_GONE = re.compile(r'^RewriteRule "\^(.*)\$" - \[R=410,L\]$', re.MULTILINE)
READ_HEADER = re.compile(r'<FilesMatch "\(\?i\)\\\.(\w+)\$">\n    Header set (\S+) "((?:[^"\\]|\\.)*)"')
READ_ONE = re.compile(
    r'^Header set (\S+) "(.*)" "expr=%\{REQUEST_URI\} =~ m#\^(.*)\(\?:\(\?:index', re.MULTILINE
)
READ_EVERYWHERE = re.compile(r'^Header setifempty (\S+) "(.*)"$', re.MULTILINE)
READ_TYPE = re.compile(r'<If "%\{REQUEST_URI\} =~ m#\^(.*)\(\?:\(\?:index.*">\n    ForceType "(.*)"')
READ_BASE = re.compile(r"^RewriteBase (.*)$", re.MULTILINE)


def read(texts: Mapping[str, str]) -> Rules:
    """The redirects and headers of a `.htaccess` that `make` wrote."""
    text = texts[".htaccess"]
    base = READ_BASE.findall(text)[0]
    redirects = []
    for asked, pattern, target, status in READ_RULE.findall(text):
        filled = _unliteral(re.sub(r"(?<!\\)%(\d)", r":c\1", target))
        known = named(asked) + "/?" if asked else re.escape(base) + quoted(pattern)
        redirects.append(RedirectRule(re.compile(known), filled, int(status)))
    redirects += [
        RedirectRule(re.compile(re.escape(base) + named(quoted(pattern))), "", PASSED_ON)
        for pattern in READ_PASSED.findall(text)
    ]
    redirects += [
        RedirectRule(re.compile(re.escape(base) + named(quoted(pattern))), "", GONE)
        for pattern in READ_GONE.findall(text)
    ]
    headers = [
        HeaderRule(
            re.compile(".*/" if ending == "html" else rf".*\.{ending}", re.IGNORECASE), name, _unvalue(value)
        )
        for ending, name, value in READ_HEADER.findall(text)
    ]
    headers += [
        HeaderRule(re.compile(quoted(pattern)), name, _unvalue(value))
        for name, value, pattern in READ_ONE.findall(text)
    ]
    headers += [
        HeaderRule(re.compile(quoted(pattern)), "Content-Type", kind)
        for pattern, kind in READ_TYPE.findall(text)
    ]
    headers += [
        HeaderRule(re.compile(".*"), name, _unvalue(value)) for name, value in READ_EVERYWHERE.findall(text)
    ]
    return Rules(tuple(redirects), tuple(headers))
