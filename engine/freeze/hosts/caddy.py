"""Caddy: the only module that writes a Caddyfile.

Source: caddyserver.com/docs/caddyfile/directives, file_server (canonical URIs, precompressed, hide), redir, header,
error, handle_errors, reverse_proxy, and …/caddyfile/matchers (`path` does not see case, so `path_regexp` is taken).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from engine.freeze.hosts.model import (
    Address,
    Deployment,
    Made,
    Redirect,
    by_suffix,
    exceeded,
    header_names,
    numbered,
    raw_regex,
    regex,
    unruly_faults,
)
from engine.freeze.hosts.rules import PASSED_ON, HeaderRule, RedirectRule, Rules, named
from engine.routing.paths import quote
from engine.routing.redirects import GONE

NAME = "Caddy"
PLAIN = r"[A-Za-z0-9/._-]+"
BACKTICK = r"\x60"
"""What ends a word of a Caddyfile, within a pattern."""


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
    yield f"\troot * {site.root if re.fullmatch(PLAIN, site.root) else _word(_literal_text(site.root))}"
    yield "\troute {"
    yield from (f"\t\t{line}" for line in _route(site))
    yield "\t}"
    if not site.hybrid:
        yield from ("\thandle_errors {", *(f"\t\t{line}" for line in _errors(site)), "\t}")
    yield "}"


def _route(site: Deployment) -> Iterator[str]:
    end = "reverse_proxy @{0} " + site.server if site.hybrid else "error @{0} 404"
    base = re.escape(unquote(site.base_path))
    yield from _everywhere(site)
    yield from (
        "@refused {",
        "\tvars_regexp {http.request.uri.path} `//|\\\\|/[.]|[[:cntrl:]]`",
        f"\tnot path_regexp ^{base}/[.]well-known/[^.]",
        "}",
    )
    yield end.format("refused")
    yield "@unsafe not method GET HEAD"
    yield end.format("unsafe") if site.hybrid else "error @unsafe 405"
    if site.compressed:
        yield from _packed(site)
        yield end.format("packed")
    bare = "" if site.slash == "always" else "|404"
    yield rf"@hidden path_regexp ^{base}/(?:_redirects|(?:.*/)?404\.html{bare})/?$"
    yield end.format("hidden")
    yield r"@index path_regexp /index\.html/?$" if site.slash == "always" else r"@index path_regexp \.html/?$"
    yield end.format("index")
    yield from _redirects(site)
    if site.base_path:
        yield from (f"@below path_regexp ^{base}/", f"@beside not path_regexp ^{base}/", end.format("beside"))
        yield f"uri strip_prefix {site.base_path}"
    if not site.hybrid:
        yield from _spellings(site)
    yield from _files(site)
    yield f"reverse_proxy {site.server}" if site.hybrid else "error 404"


def _packed(site: Deployment) -> Iterator[str]:
    """What stands compressed beside the files, by the names of which nobody asks."""
    own = [it.url for it in site.pages if it.file.endswith((".br", ".gz", ".zst"))]
    names = "|".join(re.escape(unquote(url)).replace("`", BACKTICK) for url in own)
    yield from ("@packed {", r"	path_regexp [.](?:br|gz|zst)$".replace(r"\t", "\t"))
    if own:
        yield f"\tnot path_regexp `^(?:{names})$`"
    yield "}"


def _redirects(site: Deployment) -> Iterator[str]:
    for number, redirect in enumerate(site.redirects):
        name = f"redirect{number}"
        if site.hybrid:
            yield f"@{name} path_regexp {name} `^{_pattern(redirect.source)}/?$`"
            yield f"reverse_proxy @{name} {site.server}"
        else:
            target = numbered(redirect, f"{{{{re.{name}.{{}}}}}}", _literal_text)
            yield f"@{name} {_source(redirect, name)}"
            yield f"redir @{name} {_word(target)} {redirect.status}"
    for number, gone in enumerate(() if site.hybrid else site.gone):
        yield f"@gone{number} path_regexp `^{_pattern(gone.source)}/?$`"
        yield f"error @gone{number} {GONE}"


def _source(redirect: Redirect, name: str) -> str:
    """A matcher of a redirect. What it captures is taken as it was asked, as it goes into the location."""
    if redirect.is_static:
        return f"path_regexp {name} `^{_pattern(redirect.source)}/?$`"
    asked = raw_regex(redirect.source).replace("`", BACKTICK)
    return f"vars_regexp {name} {{http.request.uri}} `^{asked}/?{QUERY}$`"


def _pattern(address: Address) -> str:
    return regex(address).replace("`", BACKTICK)


def _word(text: str) -> str:
    """A text as one word of a Caddyfile."""
    return '"' + text.replace('"', r"\"") + '"' if "`" in text else f"`{text}`"


def _unword(text: str) -> str:
    """What `_word` was given, without its escapes."""
    bare = text[1:-1]
    return re.sub(r"\\([{}])", r"\1", bare.replace(r"\"", '"') if text[0] == '"' else bare)


def _literal_text(text: str) -> str:
    """A text in which Caddy fills in no placeholder."""
    return re.sub(r"([{}])", r"\\\1", text)


def _headers(site: Deployment) -> Iterator[str]:
    number = 0
    for name in ["Content-Type", *header_names(site.pages)]:
        shared, single = by_suffix(site.pages, name)
        rules = [(rf"(?i)^.*[.]{it}$", value) for it, value in shared.items() if it != "html"]
        if "html" in shared and name != "Content-Type":
            single.update({it.file: shared["html"] for it in site.pages if it.file.endswith(".html")})
        urls = {it.file: unquote(it.url).removeprefix(unquote(site.base_path)) for it in site.pages}
        rules += [
            (f"^{re.escape(urls[file])}$".replace("`", BACKTICK), value) for file, value in single.items()
        ]
        for pattern, value in sorted(rules):
            yield f"@header{number} path_regexp `{pattern}`"
            yield f"header @header{number} {name} {_word(_literal_text(value))}"
            number += 1


def _everywhere(site: Deployment) -> Iterator[str]:
    yield from (f"header ?{name} {_word(_literal_text(value))}" for name, value in site.everywhere)


def _spellings(site: Deployment) -> Iterator[str]:
    """The other spelling of an address, with its query: file_server would drop that."""
    found = "{re.bare.1} {re.bare.1}.html" if site.slash == "never" else "{re.bare.1}"
    yield from _spelt("bare", "path_regexp bare ^(.+)/$", found, "(/[^?]+)/", site.base_path + "{re.asked.1}")
    if site.slash == "always":
        asked = "(/[^?]*[^/?])"  # Caddy 2.6 asks "<nil>" first
        yield from _spelt(
            "slash", "path_regexp [^/]$", "{path}/index.html", asked, site.base_path + "{re.asked.1}/"
        )


def _spelt(name: str, path: str, file: str, asked: str, location: str) -> Iterator[str]:
    """One matcher in another, because those that stand together are tried in any order."""
    yield from (
        f"@{name} {path}",
        f"route @{name} {{",
        f"\t@{name}_file file {file}",
        f"\troute @{name}_file {{",
        f"\t\t@{name}_asked vars_regexp asked {{http.request.uri}} `^{asked}(\\?.*)?$`",
        f"\t\tredir @{name}_asked {location}{{re.asked.2}} 308",
        "\t}",
        "}",
    )


def _files(site: Deployment) -> Iterator[str]:
    """What is a file, with its headers: they are for nothing else, as an answer of the server has its own."""
    always = site.slash == "always"
    page = "{path}index.html" if always else "{path}.html {path}index.html"
    yield from (
        "@file {",
        f"\tfile {{path}} {page}",
        "\tnot {",  # a directory is no page
        "\t\tpath_regexp /$" if always else "\t\tpath_regexp ./$",
        *(["\t\tnot file {path}index.html"] if always else []),
        "\t}",
        "}",
        "route @file {",
        *(f"\t{line}" for line in _headers(site)),
    )
    if not always:
        yield from ("\t@page file {path}.html", "\trewrite @page {path}.html")
    yield (
        "\tfile_server {\n\t\t\t\tprecompressed zstd br gzip\n\t\t\t}" if site.compressed else "\tfile_server"
    )
    yield "}"


def _errors(site: Deployment) -> Iterator[str]:
    yield from _everywhere(site)
    yield "@missing expression {http.error.status_code} == 404"
    yield "handle @missing {"
    for number, page in enumerate(site.error_pages):
        folder = "/" + page.file.rpartition("/")[0]
        yield f"\t@folder{number} path_regexp `^{re.escape(folder.rstrip('/'))}/`"
        yield f"\thandle @folder{number} {{"
        yield f"\t\trewrite * /{page.file}"
        yield f"\t\theader Content-Type `{page.content_type}`"
        yield "\t\tfile_server {\n\t\t\t\t\tdisable_canonical_uris\n\t\t\t\t}"
        yield "\t}"
    yield "}"


WORD = r"(`.*`|\".*\")"
QUERY = r"(?:\?.*)?"
READ_REDIRECT = re.compile(
    rf"@redirect(\d+) (path|vars)_regexp [^`]+ `\^(.*)\$`\n\t*redir @redirect\1 {WORD} (\d+)"
)
READ_PASSED = re.compile(r"@redirect(\d+) path_regexp \S+ `\^(.*)\$`\n\t*reverse_proxy @redirect\1 ")
READ_GONE = re.compile(r"@gone(\d+) path_regexp `\^(.*)\$`\n\t*error @gone\1 ")
READ_HEADER = re.compile(r"@header(\d+) path_regexp `(\(\?i\))?\^(.*)\$`\n\t*header @header\1 (\S+) " + WORD)
READ_EVERYWHERE = re.compile(rf"^\t*header \?(\S+) {WORD}$", re.MULTILINE)


def read(texts: Mapping[str, str]) -> Rules:
    """The redirects and headers of a Caddyfile that `make` wrote."""
    text = texts["Caddyfile"]
    redirects = []
    for number, kind, pattern, target, status in READ_REDIRECT.findall(text):
        filled = re.sub(rf"\{{re\.redirect{number}\.(\d)\}}", r":c\1", _unword(target))
        asked = pattern.removesuffix(QUERY) if kind == "vars" else quoted(pattern)
        redirects.append(RedirectRule(re.compile(named(asked)), filled, int(status)))
    redirects += [
        RedirectRule(re.compile(named(quoted(pattern))), "", PASSED_ON)
        for _, pattern in READ_PASSED.findall(text)
    ]
    redirects += [
        RedirectRule(re.compile(named(quoted(pattern))), "", GONE) for _, pattern in READ_GONE.findall(text)
    ]
    base = re.escape("".join(re.findall(r"^\t*uri strip_prefix (\S+)$", text, re.MULTILINE)))
    headers = [
        HeaderRule(re.compile(base + quoted(pattern), re.IGNORECASE if flag else 0), name, _unword(value))
        for _, flag, pattern, name, value in READ_HEADER.findall(text)
    ]
    every = dict(READ_EVERYWHERE.findall(text))
    headers += [HeaderRule(re.compile(".*"), name, _unword(value)) for name, value in every.items()]
    return Rules(tuple(redirects), tuple(headers))


def quoted(pattern: str) -> str:
    """A pattern of decoded paths for encoded ones."""
    plain = re.sub(r"\\x([0-9a-f]{2})", lambda it: f"\\{chr(int(it[1], 16))}", pattern)
    return re.sub(r"""\\(\W)|([^!-~]|[%"<>`])""", lambda it: re.escape(quote(it[1] or it[2])), plain)
