"""Caddy: the only module that writes a Caddyfile.

Source: caddyserver.com/docs/caddyfile/directives, file_server (canonical URIs, precompressed, hide), redir, header,
error, handle_errors, reverse_proxy, and …/caddyfile/matchers (`path` does not see case, so `path_regexp` is taken).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

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
from engine.routing.redirects import GONE

NAME = "Caddy"


def make(site: Deployment) -> Made:
    """A Caddyfile. The address of the site is the variable SITE_ADDRESS of the environment."""
    made = Made(beside={"Caddyfile": "\n".join(_lines(site)) + "\n"}, faults=list(unruly_faults(site, NAME)))
    for output in site.literal:
        what = f"sends {output.url} on to its directory, whatever it is told"
        made.faults.append(exceeded(NAME, what, f"static/{output.file}", "Rename the file"))
    return made


def _lines(site: Deployment) -> Iterator[str]:
    yield "# Written by engine. Not done by Caddy: 405 with the site's own error page."
    yield "{$SITE_ADDRESS::8080} {"
    yield f"\troot * {site.root}"
    yield "\troute {"
    yield from (f"\t\t{line}" for line in _route(site))
    yield "\t}"
    if not site.hybrid:
        yield from ("\thandle_errors {", *(f"\t\t{line}" for line in _errors(site)), "\t}")
    yield "}"


def _route(site: Deployment) -> Iterator[str]:
    end = "reverse_proxy @{0} " + site.server if site.hybrid else "error @{0} 404"
    yield from (
        "@refused {",
        "\tvars_regexp {http.request.uri.path} `//|\\\\|/[.]`",
        "\tnot path /.well-known/*",
        "}",
    )
    yield end.format("refused")
    if site.hybrid:
        yield "@unsafe not method GET HEAD"
        yield end.format("unsafe")
    yield (
        r"@hidden path_regexp ^/(?:_redirects|404\.html)$"
        if site.slash == "always"
        else r"@hidden path_regexp \.html$"
    )
    yield end.format("hidden")
    if site.slash == "always":
        yield r"@index path_regexp /index\.html$"
        yield end.format("index")
    yield from _redirects(site)
    if site.base_path:
        yield from (
            "@below path_regexp ^" + re.escape(unquote(site.base_path)) + "/",
            "@beside not path_regexp ^" + re.escape(unquote(site.base_path)) + "/",
            end.format("beside"),
        )
        yield f"uri strip_prefix {site.base_path}"
    yield from _headers(site)
    yield from _files(site)


def _redirects(site: Deployment) -> Iterator[str]:
    for number, redirect in enumerate(site.redirects):
        yield f"@redirect{number} path_regexp redirect{number} `^{regex(redirect.source)}/?$`"
        if site.hybrid:
            yield f"reverse_proxy @redirect{number} {site.server}"
        else:
            target = re.sub(r"\$(\d)", rf"{{re.redirect{number}.\1}}", numbered(redirect, "$"))
            yield f"redir @redirect{number} `{target}` {redirect.status}"
    for number, gone in enumerate(() if site.hybrid else site.gone):
        yield f"@gone{number} path_regexp `^{regex(gone.source)}/?$`"
        yield f"error @gone{number} {GONE}"


def _headers(site: Deployment) -> Iterator[str]:
    for name, value in site.everywhere:
        yield f"header ?{name} `{value}`"
    number = 0
    for name in ["Content-Type", *header_names(site.pages)]:
        shared, single = by_suffix(site.pages, name)
        rules = [(rf"^.*[.]{it}$", value) for it, value in shared.items() if it != "html"]
        if "html" in shared and name != "Content-Type":
            single.update({it.file: shared["html"] for it in site.pages if it.file.endswith(".html")})
        urls = {it.file: unquote(it.url).removeprefix(unquote(site.base_path)) for it in site.pages}
        rules += [(f"^{re.escape(urls[file])}$", value) for file, value in single.items()]
        for pattern, value in sorted(rules):
            yield f"@header{number} path_regexp `{pattern}`"
            yield f"header @header{number} {name} `{value}`"
            number += 1


def _files(site: Deployment) -> Iterator[str]:
    server = "file_server {\n\t\t\tprecompressed zstd br gzip\n\t\t}" if site.compressed else "file_server"
    if site.slash == "never":
        yield from (
            "@bare path_regexp bare ^(.+)/$",
            "@other {",
            "\tpath_regexp bare ^(.+)/$",
            "\tfile {re.bare.1}.html",
            "}",
        )
        if not site.hybrid:
            yield "redir @other {re.bare.1} 308"
        yield from ("@page file {path}.html", "rewrite @page {path}.html")
    elif not site.hybrid:
        # file_server redirects to the slash by itself, but drops the query.
        yield from (
            "@slash {",
            "\tpath_regexp [^/]$",
            "\tfile {path}/index.html",
            '\texpression {query} != ""',
            "}",
        )
        yield f"redir @slash {site.base_path}{{path}}/?{{query}} 308"
    if site.hybrid:
        yield "@file file {path} {path}index.html"
        yield f"handle @file {{\n\t\t\t{server}\n\t\t}}"
        yield f"handle {{\n\t\t\treverse_proxy {site.server}\n\t\t}}"
    else:
        yield server


def _errors(site: Deployment) -> Iterator[str]:
    yield "@missing expression {http.error.status_code} == 404"
    yield "handle @missing {"
    for number, page in enumerate(site.error_pages):
        folder = "/" + page.file.rpartition("/")[0]
        yield f"\t@folder{number} path_regexp `^{re.escape(folder.rstrip('/'))}/`"
        yield f"\thandle @folder{number} {{"
        yield f"\t\trewrite * /{page.file}"
        yield f"\t\theader Content-Type `{page.content_type}`"
        yield "\t\tfile_server"
        yield "\t}"
    yield "}"


READ_REDIRECT = re.compile(r"@redirect(\d+) path_regexp \S+ `\^(.*)\$`\n\t*redir @redirect\1 `(.*)` (\d+)")
READ_PASSED = re.compile(r"@redirect(\d+) path_regexp \S+ `\^(.*)\$`\n\t*reverse_proxy @redirect\1 ")
READ_GONE = re.compile(r"@gone(\d+) path_regexp `\^(.*)\$`\n\t*error @gone\1 ")
READ_HEADER = re.compile(r"@header(\d+) path_regexp `(.*)`\n\t*header @header\1 (\S+) `(.*)`")


READ_EVERYWHERE = re.compile(r"^\t*header \?(\S+) `(.*)`$", re.MULTILINE)


def read(texts: Mapping[str, str]) -> Rules:
    """The redirects and headers of a Caddyfile that `make` wrote."""
    text = texts["Caddyfile"]
    redirects = []
    for number, pattern, target, status in READ_REDIRECT.findall(text):
        filled = re.sub(rf"\{{re\.redirect{number}\.(\d)\}}", r":c\1", target)
        redirects.append(RedirectRule(re.compile(quoted(named(pattern))), filled, int(status)))
    redirects += [
        RedirectRule(re.compile(quoted(named(pattern))), "", PASSED_ON)
        for _, pattern in READ_PASSED.findall(text)
    ]
    redirects += [
        RedirectRule(re.compile(quoted(named(pattern))), "", GONE) for _, pattern in READ_GONE.findall(text)
    ]
    return Rules(
        tuple(redirects),
        tuple(
            HeaderRule(re.compile(pattern), name, value)
            for _, pattern, name, value in READ_HEADER.findall(text)
        )
        + tuple(HeaderRule(re.compile(".*"), name, value) for name, value in READ_EVERYWHERE.findall(text)),
    )


def quoted(pattern: str) -> str:
    """A pattern of decoded paths for encoded ones."""
    return quote(pattern, safe=r"/%^$.*+?()[]{}|\:<>=!,;&'@~-_")
