"""nginx: the only module that writes its configuration.

    a file of the output → 200      a page without its slash → 308      else 404, or with a server: the server

Sources, all of nginx.org/en/docs/http/: ngx_http_core_module (try_files, types, error_page, merge_slashes,
absolute_redirect), ngx_http_map_module, ngx_http_rewrite_module (return, if), ngx_http_gzip_static_module,
ngx_http_proxy_module. `proxy_pass` without a path sends the request line on as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from engine.freeze.hosts.model import (
    Deployment,
    Made,
    Redirect,
    by_suffix,
    header_names,
    numbered,
    raw_regex,
    regex,
    unruly_faults,
)
from engine.freeze.hosts.rules import PASSED_ON, HeaderRule, RedirectRule, Rules, named
from engine.http.media_types import BINARY
from engine.routing.paths import quote
from engine.routing.redirects import GONE

# What the routes never answer: hidden names, empty segments, backslashes (engine.routing.paths.is_sound).
UNSOUND = (
    r"^[^?]*(?://|/(?:\.|%2[eE])(?!well-known(?:[/?]|$))|/%2[fF]|%2[fF]/|\\|%5[cC]|%7[fF]|%[01][0-9a-fA-F])"
)
SAFE = r"^/(?:[A-Za-z0-9._~!&'()*+,:=@-][A-Za-z0-9._~!&'()*+,:=@/-]*)?$"


def make(deployment: Deployment) -> Made:
    """The configuration of one virtual host, for the `http` block of nginx."""
    made = Made()
    made.beside["nginx.conf"] = "\n".join(_lines(deployment)) + "\n"
    made.faults += unruly_faults(deployment, "nginx")
    return made


def _lines(site: Deployment) -> Iterator[str]:
    yield "# Include this in the http block of nginx, as /etc/nginx/conf.d/site.conf. Written by engine."
    yield "# Not done by nginx: 405 with the site's own error page, and brotli, which Debian's package has as a module."
    yield from _maps(site)
    yield "server {"
    yield from (f"    {line}" if line else "" for line in _server(site))
    yield "}"


def quoted(text: str) -> str:
    """A text as one word of a configuration."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


DOLLAR = "${engine_dollar}"
"""The sign that begins a variable: nginx has no escape for it."""
PLAIN = r"[A-Za-z0-9/._-]+"


def valued(text: str) -> str:
    """A text as one word where nginx fills in variables."""
    return quoted(_literal_text(text))


def _literal_text(text: str) -> str:
    return text.replace("$", DOLLAR)


def _pattern(text: str) -> str:
    """A regular expression in quotes: its backslashes are its own."""
    return '"' + text.replace('"', r"\x22") + '"'


def _map(source: str, name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"map {source} {name} {{"
    yield from (f"    {line}" for line in lines)
    yield "}"


def _maps(site: Deployment) -> Iterator[str]:
    base = regex((site.base_path,))
    yield from ("geo $engine_dollar {", '    default "$";', "}")
    yield from _map("$request_uri", "$engine_unsound", [f"{_pattern('~' + UNSOUND)} 1;", "default 0;"])
    # Asked again after the redirect to an error page, which must then be let through.
    errors = [f"{quoted('1/' + it.file)} 0;" for it in site.error_pages]
    yield from _map(
        '"$engine_unsound$uri"', "$engine_refused", ["volatile;", *errors, '"~^1" 1;', "default 0;"]
    )
    yield from _map("$uri", "$engine_path", [f"{_pattern(f'~^{base}(?<engine_p>/.*)$')} $engine_p;"])
    yield from _map("$engine_path", "$engine_bare", [f"{_pattern('~^(?<engine_b>.*[^/])/+$')} $engine_b;"])
    # A location is written as it was asked where it would need escapes, and never begins with two slashes.
    asked = f"{_pattern('~^(?<engine_a>/(?![/.])[^?]*)')} $engine_a;"
    yield from _map("$request_uri", "$engine_asked", [asked, "default /;"])
    yield from _map("$uri", "$engine_again", [f"{_pattern('~' + SAFE)} $uri;", "default $engine_asked;"])
    cut = f"{_pattern('~^(?<engine_c>.*[^/])/+$')} $engine_c;"
    yield from _map("$engine_again", "$engine_again_bare", [cut, "default /;"])
    for number, name in enumerate(header_names(site.outputs)):
        shared, single = by_suffix(site.pages, name)
        lines = [f"{quoted('/' + file)} {valued(value)};" for file, value in sorted(single.items())]
        lines += [
            f"{_pattern(f'~*[.]{ending}$')} {valued(value)};" for ending, value in sorted(shared.items())
        ]
        yield from _map("$uri", f"$engine_header_{number}", lines)
    for number, (name, value) in enumerate(site.everywhere):
        # The server has said it already where it has answered.
        said = f"$upstream_http_{name.lower().replace('-', '_')}"
        yield from _map(said, f"$engine_everywhere_{number}", [f'"" {valued(value)};', 'default "";'])
    if not site.hybrid:
        pages = [f"{_pattern('~^/' + regex((folder(it.file),)))} /{it.file};" for it in site.error_pages]
        yield from _map("$engine_path", "$engine_missing", [*pages, "default /404.html;"])


def folder(file: str) -> str:
    """The directory of a file, with its last slash."""
    return file.rpartition("/")[0] + "/" if "/" in file else ""


def _server(site: Deployment) -> Iterator[str]:
    yield from ("listen 80;", "server_name _;  # the name of your site; TLS is yours to add")
    yield f"root {site.root if re.fullmatch(PLAIN, site.root) else valued(site.root)};"
    yield from ("absolute_redirect off;", "merge_slashes off;", "etag on;")
    if site.compressed:
        yield "gzip_static on;"
        yield "gzip_vary on;"
    yield from _types(site)
    for number, name in enumerate(header_names(site.outputs)):
        yield f"add_header {name} $engine_header_{number};"
    for number, (name, _) in enumerate(site.everywhere):
        yield f"add_header {name} $engine_everywhere_{number} always;"
    yield ""
    yield from _otherwise(site)
    yield f"if ($engine_refused) {{ {_end(site)} }}"
    if site.hybrid:
        yield "if ($request_method !~ ^(?:GET|HEAD)$) { return 418; }"
    yield from _blocked(site)
    yield from _literal(site)
    yield from _single_types(site)
    yield from _redirects(site)
    yield ""
    yield from _files(site)
    if site.hybrid:
        yield f"location @engine {{ {_proxy(site)} }}"
    else:
        yield from _fallbacks(site)


def _types(site: Deployment) -> Iterator[str]:
    shared, _ = by_suffix(site.outputs, "Content-Type")
    yield "types {"
    yield from (f"    {quoted(kind)} {ending};" for ending, kind in sorted(shared.items()))
    yield "}"
    yield "default_type application/octet-stream;"


def _proxy(site: Deployment) -> str:
    sent = {
        "Host": "$http_host",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
    }
    headers = " ".join(f"proxy_set_header {name} {value};" for name, value in sent.items())
    return f"proxy_pass http://{site.server}; proxy_redirect off; {headers}"


def _otherwise(site: Deployment) -> Iterator[str]:
    if site.hybrid:
        yield "error_page 418 = @engine;"
        return
    yield "error_page 301 302 303 307 308 @moved;"
    yield "error_page 404 $engine_missing;"
    for page in site.error_pages:
        yield f"location = {quoted('/' + page.file)} {{ internal; }}"


def _end(site: Deployment) -> str:
    return "return 418;" if site.hybrid else "return 404;"


def _blocked(site: Deployment) -> Iterator[str]:
    """The files that no address of the site is."""
    files = {output.file for output in site.pages}
    base = regex((site.base_path,))
    for name in ("_headers", "_redirects", "404.html"):
        if name not in files:
            yield f"location ~ {_pattern(f'^{base}/{re.escape(name)}/?$')} {{ {_end(site)} }}"
    if site.slash == "always":
        yield rf"location ~ /index\.html/?$ {{ {_end(site)} }}"
    else:
        yield rf"location ~ \.html/?$ {{ {_end(site)} }}"
        for spelling in ("/404", "/404/"):
            yield f"location = {quoted(site.base_path + spelling)} {{ {_end(site)} }}"
    if site.compressed:
        yield rf"location ~ \.(?:br|gz|zst)$ {{ {_end(site)} }}"


def _literal(site: Deployment) -> Iterator[str]:
    """The outputs that are asked by a name which is blocked for all others."""
    for output in site.literal:
        yield f"location = {quoted(unquote(output.url))} {{ try_files {valued('/' + output.file)} =404; }}"
        bare = unquote(output.url).removesuffix("index.html" if site.slash == "always" else ".html")
        for spelling in (bare,) if site.slash == "always" else (bare, bare + "/"):
            yield f"location = {quoted(spelling)} {{ {_end(site)} }}"
    for output in site.pages if site.compressed else ():
        if output.file.endswith((".br", ".gz", ".zst")):
            yield f"location = {quoted(unquote(output.url))} {{ try_files {valued('/' + output.file)} =404; }}"


def _single_types(site: Deployment) -> Iterator[str]:
    """The outputs whose type is not that of all others with their suffix."""
    _, single = by_suffix(site.pages, "Content-Type")
    for output in site.pages:
        kind = single.get(output.file, BINARY)
        if kind != BINARY:
            said = f"types {{}} default_type {quoted(kind)}; try_files {valued('/' + output.file)} =404;"
            yield f"location = {quoted(unquote(output.url))} {{ {said} }}"


def _redirects(site: Deployment) -> Iterator[str]:
    answered = {unquote(output.url) for output in site.pages}
    for redirect in (*site.redirects, *site.gone):
        if not redirect.is_static:
            continue
        path = unquote(redirect.path)
        for spelling in (path, path + "/") if path else ("/",):
            if spelling not in answered:
                yield f"location = {quoted(spelling)} {{ {_return(site, redirect)} }}"


def _return(site: Deployment, redirect: Redirect) -> str:
    if redirect.status == GONE and not site.hybrid:
        return "return 410;"
    if site.hybrid:
        return "return 418;"
    return f"return {redirect.status} {quoted(numbered(redirect, '${}', _literal_text))};"


def _files(site: Deployment) -> Iterator[str]:
    rest = "@engine" if site.hybrid else "@other"
    yield f"location {quoted(site.base_path + '/')} {{"
    if site.slash == "always":
        yield f"    location ~ /$ {{ try_files ${{engine_path}}index.html {rest}; }}"
        yield f"    try_files $engine_path {rest};"
    else:
        yield f"    location = {quoted(site.base_path + '/')} {{ try_files /index.html {rest}; }}"
        yield f"    location ~ /$ {{ try_files /.nothing {rest}; }}"
        yield f"    try_files $engine_path ${{engine_path}}.html {rest};"
    yield "}"
    if site.base_path:
        yield f"location / {{ {_end(site)} }}"


def _fallbacks(site: Deployment) -> Iterator[str]:
    yield "location @other {"
    hidden = r"/index\.html" if site.slash == "always" else r"\.html"
    yield f"    if ($uri ~ {_pattern(f'(?:{hidden}|/404[.]html|/_headers|/_redirects)/$')}) {{ return 404; }}"
    if site.slash == "always":
        yield "    if (-f $document_root$engine_path/index.html) { return 308 $engine_again/$is_args$args; }"
    else:
        yield "    if (-f $document_root$engine_bare.html) { return 308 $engine_again_bare$is_args$args; }"
    yield "    if (-f $document_root$engine_bare) { return 308 $engine_again_bare$is_args$args; }"
    for redirect in (it for it in site.redirects if not it.is_static):
        # As it was asked: what is captured stands in the location, where a decoded ? or # would mean something else.
        asked = _pattern(f"^{raw_regex(redirect.source)}/?$")
        yield f"    if ($engine_again ~ {asked}) {{ {_return(site, redirect)} }}"
    for gone in (it for it in site.gone if not it.is_static):
        yield f"    if ($uri ~ {_pattern(f'^{regex(gone.source)}/?$')}) {{ {_return(site, gone)} }}"
    yield "    return 404;"
    yield "}"
    yield 'location @moved { default_type "text/html; charset=utf-8"; return 200 ""; }'


PAGES = r"(?:.*/)?[^./]*"
"""The addresses of pages, with a slash at the end or without."""
READ_EXACT = re.compile(r'^ *location = "(.*)" \{ return (30\d) "(.*)"; \}$', re.MULTILINE)
READ_PASSED = re.compile(r'^ *location = "(.*)" \{ return 418; \}$', re.MULTILINE)
READ_GONE = re.compile(r'^ *location = "(.*)" \{ return 410; \}$', re.MULTILINE)
READ_GONE_PATTERN = re.compile(r'^ *if \(\$uri ~ "\^(.*)\$"\) \{ return 410; \}$', re.MULTILINE)
READ_PATTERN = re.compile(r'^ *if \(\$engine_again ~ "\^(.*)\$"\) \{ return (30\d) "(.*)"; \}$', re.MULTILINE)
READ_TYPE = re.compile(r'^ *location = "(.*)" \{ types \{\} default_type "(.*?)";', re.MULTILINE)
READ_HEADER = re.compile(r"^ *add_header (\S+) (\$engine_header_\d+);$", re.MULTILINE)
READ_EVERYWHERE = re.compile(r"^ *add_header (\S+) (\$engine_everywhere_\d+) always;$", re.MULTILINE)


def read(texts: Mapping[str, str]) -> Rules:
    """The redirects and headers of a configuration that `make` wrote."""
    text = texts["nginx.conf"]
    redirects = [
        RedirectRule(re.compile(re.escape(quote(path))), _unvalued(target), int(status))
        for path, status, target in READ_EXACT.findall(text)
    ]
    redirects += [
        RedirectRule(re.compile(re.escape(quote(path))), "", PASSED_ON) for path in READ_PASSED.findall(text)
    ]
    redirects += [
        RedirectRule(re.compile(re.escape(quote(path))), "", GONE) for path in READ_GONE.findall(text)
    ]
    redirects += [
        RedirectRule(re.compile(named(it)), "", GONE, force=False) for it in READ_GONE_PATTERN.findall(text)
    ]
    for pattern, status, target in READ_PATTERN.findall(text):
        filled = _unvalued(re.sub(r"\$(\d)", r":c\1", target))
        redirects.append(RedirectRule(re.compile(named(pattern)), filled, int(status), force=False))
    base = re.findall(r'^    location "(.*)/" \{$', text, re.MULTILINE)[0]
    headers = [
        HeaderRule(_file_pattern(key, base), name, _unvalued(value))
        for name, variable in READ_HEADER.findall(text)
        for key, value in _map_of(text, variable)
    ]
    headers += [
        HeaderRule(re.compile(re.escape(quote(path))), "Content-Type", kind)
        for path, kind in READ_TYPE.findall(text)
    ]
    headers += [
        HeaderRule(re.compile(".*"), name, _map_of_upstream(text, variable))
        for name, variable in READ_EVERYWHERE.findall(text)
    ]
    return Rules(tuple(redirects), tuple(headers))


def _map_of(text: str, variable: str) -> list[tuple[str, str]]:
    block = text.partition(f"map $uri {variable} {{\n")[2].partition("\n}")[0]
    return re.findall(r'^ *"(.*?)" "(.*)";$', block, re.MULTILINE)


def _map_of_upstream(text: str, variable: str) -> str:
    block = text.partition(f" {variable} {{\n")[2].partition("\n}")[0]
    found = re.search(r'^ *"" "(.*)";$', block, re.MULTILINE)
    assert found is not None
    return _unvalued(found[1])


def _unvalued(text: str) -> str:
    """What `valued` was given."""
    return re.sub(r"\\(.)", r"\1", text).replace(DOLLAR, "$")


def _file_pattern(key: str, base: str) -> re.Pattern[str]:
    """A key of a map, which is of files, for the addresses that the files have."""
    if key.startswith("~"):
        return re.compile(PAGES if key == "~*[.]html$" else f".*{key[2:-1]}", re.IGNORECASE)
    names = {key, key.removesuffix("index.html"), key.removesuffix(".html")}
    return re.compile("|".join(re.escape(quote(base + name)) for name in sorted(names)))
