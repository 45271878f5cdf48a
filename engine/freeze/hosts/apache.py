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
    regex,
    unruly_faults,
)
from engine.freeze.hosts.rules import PASSED_ON, HeaderRule, RedirectRule, Rules, named
from engine.http.media_types import BINARY
from engine.routing.redirects import GONE

NAME = "Apache"


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
            where = f"m#^{re.escape(unquote(output.url))}(index\\.html)?$#"
            yield from (f'<If "%{{REQUEST_URI}} =~ {where}">', f'    ForceType "{kind}"', "</If>")


def _headers(site: Deployment) -> Iterator[str]:
    for name, value in site.everywhere:
        yield f'Header setifempty {name} "{value}"'
    for name in header_names(site.pages):
        shared, single = by_suffix(site.pages, name)
        for ending, value in sorted(shared.items()):
            yield from (rf'<FilesMatch "\.{ending}$">', f'    Header set {name} "{value}"', "</FilesMatch>")
        urls = {it.file: unquote(it.url) for it in site.pages}
        for file, value in sorted(single.items()):
            condition = f"expr=%{{REQUEST_URI}} =~ m#^{re.escape(urls[file])}(index\\.html)?$#"
            yield f'Header set {name} "{value}" "{condition}"'


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


def _rules(site: Deployment) -> Iterator[str]:
    end = f"http://{site.server}%{{REQUEST_URI}} [P,L]" if site.hybrid else "- [R=404,L]"
    if site.hybrid:
        yield from ("RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD)$", f"RewriteRule ^ {end}")
    name = r"/index\.html" if site.slash == "always" else r"\.html"
    # What the browser asked for: Apache itself asks for index.html and the error pages by these names.
    for hidden in (name, r"/_redirects", r"/404\.html", r"/\.(?!well-known)[^ ?]*", "//"):
        yield "RewriteCond %{ENV:REDIRECT_STATUS} ^$"  # not again on the way to the error page
        yield rf'RewriteCond %{{THE_REQUEST}} "^\S+ [^ ?]*{hidden}{"" if hidden == "//" else "[ ?]"}"'
        yield f"RewriteRule ^ {end}"
    for redirect in site.redirects:
        pattern = regex(redirect.source)
        rule = f'RewriteRule "^{_below(pattern, site.base_path)}/?$"'
        if site.hybrid:
            yield f"{rule} {end}"
            continue
        if not redirect.is_static:
            yield "RewriteCond %{REQUEST_FILENAME}/index.html !-f"
        yield f'{rule} "{numbered(redirect, "$")}" [R={redirect.status},L,NE,QSD]'
    for gone in () if site.hybrid else site.gone:
        if not gone.is_static:
            yield "RewriteCond %{REQUEST_FILENAME}/index.html !-f"
        yield f'RewriteRule "^{_below(regex(gone.source), site.base_path)}/?$" - [R={GONE},L]'
    yield from _slashes(site, end)


def _below(pattern: str, base_path: str) -> str:
    """The part of a pattern that a rule in a directory sees."""
    return pattern.removeprefix(re.escape(unquote(base_path)).replace("\\-", "-")).removeprefix("/")


def _slashes(site: Deployment, end: str) -> Iterator[str]:
    base = site.base_path
    if site.hybrid:
        yield from ("RewriteCond %{REQUEST_FILENAME} !-f", "RewriteCond %{REQUEST_FILENAME}/index.html !-f")
        yield f"RewriteRule ^ {end}"
        yield from ("RewriteCond %{REQUEST_FILENAME} -d", f"RewriteRule [^/]$ {end}")
        return
    if site.slash == "always":
        yield from (
            "RewriteCond %{REQUEST_FILENAME}/index.html -f",
            f"RewriteRule ^(.*[^/])$ {base}/$1/ [R=308,L]",
        )
    else:
        root = "%{DOCUMENT_ROOT}" if not base else site.root
        yield from (f"RewriteCond {root}/$1.html -f", f"RewriteRule ^(.+)/$ {base}/$1 [R=308,L]")
        yield from ("RewriteCond %{REQUEST_FILENAME}.html -f", "RewriteRule ^(.*[^/])$ $1.html [L]")


READ_RULE = re.compile(r'^RewriteRule "\^(.*)\$" "(.*)" \[R=(\d+),L,NE,QSD\]$', re.MULTILINE)
READ_PASSED = re.compile(r'^RewriteRule "\^(.*)\$" http://\S+ \[P,L\]$', re.MULTILINE)
READ_GONE = re.compile(r'^RewriteRule "\^(.*)\$" - \[R=410,L\]$', re.MULTILINE)
READ_HEADER = re.compile(r'<FilesMatch "\\\.(\w+)\$">\n    Header set (\S+) "(.*)"')
READ_ONE = re.compile(r'^Header set (\S+) "(.*)" "expr=%\{REQUEST_URI\} =~ m#\^(.*)\(index', re.MULTILINE)
READ_EVERYWHERE = re.compile(r'^Header setifempty (\S+) "(.*)"$', re.MULTILINE)
READ_TYPE = re.compile(r'<If "%\{REQUEST_URI\} =~ m#\^(.*)\(index.*">\n    ForceType "(.*)"')
READ_BASE = re.compile(r"^RewriteBase (.*)$", re.MULTILINE)


def read(texts: Mapping[str, str]) -> Rules:
    """The redirects and headers of a `.htaccess` that `make` wrote."""
    text = texts[".htaccess"]
    base = READ_BASE.findall(text)[0]
    redirects = []
    for pattern, target, status in READ_RULE.findall(text):
        filled = re.sub(r"\$(\d)", r":c\1", target)
        redirects.append(
            RedirectRule(re.compile(re.escape(base) + quoted(named(pattern))), filled, int(status))
        )
    redirects += [
        RedirectRule(re.compile(re.escape(base) + quoted(named(pattern))), "", PASSED_ON)
        for pattern in READ_PASSED.findall(text)
    ]
    redirects += [
        RedirectRule(re.compile(re.escape(base) + quoted(named(pattern))), "", GONE)
        for pattern in READ_GONE.findall(text)
    ]
    headers = [
        HeaderRule(re.compile(".*/" if ending == "html" else rf".*\.{ending}"), name, value)
        for ending, name, value in READ_HEADER.findall(text)
    ]
    headers += [
        HeaderRule(re.compile(quoted(pattern)), name, value)
        for name, value, pattern in READ_ONE.findall(text)
    ]
    headers += [
        HeaderRule(re.compile(quoted(pattern)), "Content-Type", kind)
        for pattern, kind in READ_TYPE.findall(text)
    ]
    headers += [HeaderRule(re.compile(".*"), name, value) for name, value in READ_EVERYWHERE.findall(text)]
    return Rules(tuple(redirects), tuple(headers))
