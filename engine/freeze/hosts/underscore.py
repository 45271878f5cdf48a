"""`_redirects` and `_headers`: the only module that writes them for a host and reads them again.

Netlify (docs.netlify.com/manage/routing/redirects/redirect-options and …/headers): rules match with and without the
slash at the end; a file wins over a rule unless its status ends with `!`; statuses are 301, 302, 303, and with any
other one the target is shown, not sent to; a `*` stands for the rest of a path.
Cloudflare Pages (developers.cloudflare.com/pages/configuration/redirects, …/headers, …/serving-pages): 2,000 static and
then 100 dynamic redirects of 1,000 characters, which go before files; 100 rules of headers, 2,000 characters a line; a
`*` anywhere, once a rule; headers of two rules for one page are joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engine.errors import Fault
from engine.freeze.hosts.model import (
    RULES,
    Address,
    Capture,
    Deployment,
    Made,
    Output,
    Redirect,
    by_suffix,
    exceeded,
    filled,
    gone_notes,
    header_names,
    regex,
    suffix,
    unruly_faults,
)
from engine.freeze.hosts.rules import HeaderRule, RedirectRule, Rules

CLOUDFLARE = "Cloudflare Pages"
STATIC_LIMIT, DYNAMIC_LIMIT, REDIRECT_LINE = 2000, 100, 1000
HEADER_LIMIT, HEADER_LINE = 100, 2000
NETLIFY_STATUS = {301: 301, 302: 302, 303: 303, 307: 302, 308: 301}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CANNOT = {
    "Netlify": "307 and 308 are written as 302 and 301, which Netlify knows. Other spellings of a page get 301.",
    CLOUDFLARE: "No requests can be passed on to a server. /index.html is sent to / with 308, not 404.",
}


def netlify(site: Deployment) -> Made:
    """`_redirects` and `_headers` for Netlify. With a server, what is no file is passed on to it."""
    site = _shown(site)
    made = _made(site, "Netlify")
    made.notes += gone_notes(() if site.hybrid else site.gone, "Netlify")
    lines = [
        f"{source} {target} {NETLIFY_STATUS[it.status]}{'!' if it.is_static else ''}"
        for it in site.redirects
        for source, target in _spelt(it, "Netlify", made.faults)
    ]
    if site.hybrid:
        lines.append(f"/* {_origin(site.server)}/:splat 200")
    _write(made, site, "Netlify", lines, list(_rules(_exact(site))))
    return made


def cloudflare(site: Deployment) -> Made:
    """`_redirects` and `_headers` for Cloudflare Pages, within its limits."""
    site, name = _shown(site), CLOUDFLARE
    made = _made(site, name)
    made.notes += gone_notes(site.gone, name)
    if site.hybrid and site.dynamic:
        made.faults.append(
            exceeded(name, "passes no requests on to a server", site.dynamic[0].source, "Choose another host")
        )
    static, dynamic = list[str](), list[str]()
    for it in site.redirects:
        for source, target in _spelt(it, name, made.faults):
            for spelling in (source,) if source[-1] in "/*" else (source, source + "/"):
                (dynamic if set(spelling) & set(":*") else static).append(f"{spelling} {target} {it.status}")
        made.faults += _shadowed(it, site.pages, name)
    rules = list(_rules(_by_pattern(site)))
    own = list(_lines(site.own.get("_redirects", "")))
    heads = [line for line in _lines(site.own.get("_headers", "")) if line[0] not in " \t"]
    made.faults += _too_many("static redirects", [*_of(own, dynamic=False), *static], STATIC_LIMIT)
    made.faults += _too_many("dynamic redirects", [*_of(own, dynamic=True), *dynamic], DYNAMIC_LIMIT)
    made.faults += _too_many("rules of headers", [*heads, *(block[0] for block in rules)], HEADER_LIMIT)
    made.faults += _too_long([*own, *static, *dynamic], REDIRECT_LINE)
    made.faults += _too_long((line for block in rules for line in block), HEADER_LINE)
    _write(made, site, name, [*static, *dynamic], rules)
    return made


def _shown(site: Deployment) -> Deployment:
    """The site without the files that these hosts read for themselves."""
    return replace(site, outputs=tuple(it for it in site.outputs if it.file not in RULES))


def _made(site: Deployment, name: str) -> Made:
    made = Made(faults=list(unruly_faults(site, name)))
    if site.base_path:
        what = f"serves the output at the root of its host, not below {site.base_path}"
        made.faults.append(exceeded(name, what, hint="Leave the path out of base_url"))
    return made


def _origin(server: str) -> str:
    return server if "://" in server else f"https://{server}"


def _of(lines: Iterable[str], *, dynamic: bool) -> list[str]:
    """Those of the author's own redirects that are dynamic, or those that are not."""
    return [line for line in lines if bool(set(line.split()[0]) & set(":*")) is dynamic]


def _write(
    made: Made, site: Deployment, name: str, redirects: Iterable[str], rules: Iterable[list[str]]
) -> None:
    head = f"# For {name}. Written by engine. {CANNOT[name]}\n"
    made.inside["_redirects"] = (
        site.own.get("_redirects", "") + head + "".join(f"{line}\n" for line in redirects)
    )
    made.inside["_headers"] = (
        site.own.get("_headers", "") + head + "".join("\n  ".join(block) + "\n" for block in rules)
    )


def _spelt(redirect: Redirect, name: str, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """Source and target of each line of a redirect: a catch-all that may be empty takes two."""
    names = _names(redirect.source)
    if names is None or re.search(
        r":[A-Za-z]|\*", "".join(it for it in redirect.source if isinstance(it, str))
    ):
        shown = filled(
            redirect.source, {it.name: f"[{it.name}]" for it in redirect.source if isinstance(it, Capture)}
        )
        hint = "Use parameters that are a whole segment, and no : or * in its text"
        faults.append(exceeded(name, f"cannot redirect from {shown}", redirect.file, hint))
        return
    source = filled(redirect.source, {it: "*" if mark == ":splat" else mark for it, mark in names.items()})
    if source.endswith("/*") and len(names) == 1:
        empty = filled(redirect.target, dict.fromkeys(names, ""))
        yield source.removesuffix("/*") or "/", re.sub(r"(?<![:/])//", "/", empty)
    yield source or "/", filled(redirect.target, names)


def _names(source: Address) -> dict[str, str] | None:
    """What stands for each capture; `None` where one is only a piece of a segment."""
    names: dict[str, str] = {}
    for number, part in enumerate(source):
        if isinstance(part, Capture):
            after = source[number + 1] if number + 1 < len(source) else "/"
            before = source[number - 1] if number else ""
            if not (str(before).endswith("/") and str(after).startswith("/")):
                return None
            names[part.name] = ":splat" if part.rest else f":{LETTERS[len(names) % 26]}"
    return names


def _shadowed(redirect: Redirect, pages: Iterable[Output], name: str) -> Iterator[Fault]:
    """A fault for a page that a rule would hide, as rules go before files."""
    if not redirect.is_static:
        pattern = re.compile(regex(redirect.source) + "/?")
        for output in pages:
            if pattern.fullmatch(output.url):
                what = f"would redirect from the page {output.url}, as its rules go before files"
                yield exceeded(name, what, redirect.file)
                return


def _too_many(what: str, lines: list[str], limit: int) -> Iterator[Fault]:
    if len(lines) > limit:
        over, number = lines[limit].partition(" ")[0], f"{len(lines):,}"
        yield exceeded(CLOUDFLARE, f"takes {limit:,} {what}, and this site has {number}: {over} is too much")


def _too_long(lines: Iterable[str], limit: int) -> Iterator[Fault]:
    for line in lines:
        if len(line) > limit:
            start = line[:60].rstrip()
            yield exceeded(
                CLOUDFLARE, f"takes {limit:,} characters a line, and this has {len(line):,}: {start}"
            )


def _declared(output: Output) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in output.headers:
        values[name] = f"{values[name]}, {value}" if name in values else value
    return values if output.file.endswith(".html") else {"Content-Type": output.content_type, **values}


def _exact(site: Deployment) -> Iterator[tuple[str, str, str]]:
    yield from (("/*", name, value) for name, value in site.everywhere)
    for output in site.pages:
        for name, value in _declared(output).items():
            yield output.url, name, value


def _by_pattern(site: Deployment) -> Iterator[tuple[str, str, str]]:
    """Pattern, name and value, so that no two patterns match one page for one header."""
    yield from (("/*", name, value) for name, value in site.everywhere)
    urls = {output.file: output.url for output in site.pages}
    for name in ["Content-Type", *header_names(site.pages)]:
        shared, single = by_suffix(site.pages, name)
        for ending, value in shared.items():
            if ending != "html":
                yield f"/*.{ending}", name, value
                # A pattern sees case, and these files have their suffix in capitals.
                loud = (it for it in site.pages if suffix(it.file) == ending and not it.file.endswith(ending))
                yield from ((output.url, name, value) for output in loud)
            elif name != "Content-Type":
                single.update({file: value for file in urls if file.endswith(".html")})
        for file, value in single.items():
            if name != "Content-Type" or not file.endswith(".html"):
                yield urls[file], name, value


def _rules(found: Iterable[tuple[str, str, str]]) -> Iterator[list[str]]:
    """The blocks of `_headers`: a pattern, and the headers for it."""
    blocks: dict[str, list[str]] = {}
    for pattern, name, value in found:
        blocks.setdefault(pattern, [pattern]).append(f"{name}: {value}")
    yield from (blocks[pattern] for pattern in sorted(blocks))


def read_netlify(texts: Mapping[str, str]) -> Rules:
    """The rules as Netlify reads them: a file goes before one without `!`, and slashes at the end do not count."""
    redirects = (rule._replace(loose=True) for rule in _read_redirects(texts["_redirects"]))
    return Rules(tuple(redirects), tuple(_read_headers(texts["_headers"])))


def read_cloudflare(texts: Mapping[str, str]) -> Rules:
    """The rules as Cloudflare Pages reads them: every redirect goes before files, for the very path."""
    redirects = (rule._replace(force=True) for rule in _read_redirects(texts["_redirects"]))
    return Rules(tuple(redirects), tuple(_read_headers(texts["_headers"])))


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _read_redirects(text: str) -> Iterator[RedirectRule]:
    for line in _lines(text):
        source, target, *more = line.split()[:3]
        if re.match(r"\w+=", target):  # an author's own, for some query alone
            continue
        status = more[0] if more and more[0].rstrip("!").isdigit() else "302"
        yield RedirectRule(_read_pattern(source), target, int(status.rstrip("!")), status.endswith("!"))


def _read_pattern(source: str) -> re.Pattern[str]:
    found = re.escape(source).replace(r"\*", "(?P<splat>.*)")
    return re.compile(re.sub(r":([A-Za-z]\w*)", r"(?P<\1>[^/]+)", found))


def _read_headers(text: str) -> Iterator[HeaderRule]:
    pattern = re.compile("")
    for line in _lines(text):
        if line[0] not in " \t":
            pattern = _read_pattern(line.strip())
            continue
        name, _, value = line.strip().partition(":")
        yield HeaderRule(pattern, name, value.strip())
