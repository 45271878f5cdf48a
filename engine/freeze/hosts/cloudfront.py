"""S3 behind CloudFront: a CloudFront function for slashes and redirects, a script that uploads with types, and for a
hybrid site the cache behaviors that send what is not frozen to the server.

Sources: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide, "Event structure" (the path is as it was asked),
"Quotas" (a function has at most 10 KB), "Create custom error responses"; docs.aws.amazon.com/AmazonS3/latest/userguide,
"Working with object metadata" (what S3 keeps beside an object); "Cache behavior settings" (path patterns: `*` is any
text, slashes too), "Use managed cache policies" and "…origin request policies" (the two ids).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping

from engine.errors import Fault
from engine.freeze.hosts.model import (
    Deployment,
    Made,
    Output,
    everywhere_notes,
    exceeded,
    numbered,
    raw_regex,
    unruly_faults,
)
from engine.freeze.hosts.rules import PASSED_ON, RedirectRule, Rules, named
from engine.routing.paths import quote
from engine.routing.redirects import GONE

NAME = "S3 with CloudFront"
LIMIT = 10 * 1024
SERVER = "engine"
"""The id that the origin of the server must have."""
KEPT = {"cache-control", "content-disposition", "content-language", "expires"}
FUNCTION = """\
// CloudFront function (cloudfront-js-2.0) for viewer requests. Written by engine.
// Not done here: 404 pages of single directories, 405, headers that S3 does not keep.
// Add custom error responses to the distribution: 403 and 404 to /404.html with the status 404.
var BASE = @base;
var SLASH = @slash;
var REDIRECTS = @redirects;
var PATTERNS = @patterns;
var GONE = @gone;
// Pages with a dot in their last name, and files without one, which a name alone does not tell apart.
var PAGES = @pages;
var FILES = @files;

function moved(location, status) {
  return { statusCode: status, statusDescription: "Moved", headers: { location: { value: location } } };
}

function asked(query) {
  var parts = [];
  for (var name in query) {
    var values = query[name].multiValue || [query[name]];
    for (var i = 0; i < values.length; i++) parts.push(values[i].value ? name + "=" + values[i].value : name);
  }
  return parts.length ? "?" + parts.join("&") : "";
}

function handler(event) {
  var request = event.request;
  var uri = request.uri;
  if (uri.indexOf("//") >= 0 || uri.indexOf("\\\\") >= 0) {
    request.uri = "/404";
    return request;
  }
  var bare = uri.length > 1 && uri.endsWith("/") ? uri.slice(0, -1) : uri;
  if (REDIRECTS.hasOwnProperty(bare)) return moved(REDIRECTS[bare][0], REDIRECTS[bare][1]);
  var last = bare.slice(bare.lastIndexOf("/") + 1);
  var isFile = (last.indexOf(".") >= 0 && PAGES.indexOf(bare) < 0) || FILES.indexOf(bare) >= 0;
  if (!isFile) {
    for (var g = 0; g < GONE.length; g++) {
      if (new RegExp(GONE[g]).test(bare)) return { statusCode: 410, statusDescription: "Gone" };
    }
    for (var i = 0; i < PATTERNS.length; i++) {
      var found = bare.match(new RegExp(PATTERNS[i][0]));
      if (found) {
        var target = PATTERNS[i][1].replace(/\\$(\\d)/g, function (all, n) { return found[Number(n)] || ""; });
        return moved(target, PATTERNS[i][2]);
      }
    }
  }
  var isRoot = uri === BASE + "/";
  var query = asked(request.querystring);
  if (!isRoot && uri.endsWith("/") && (isFile || SLASH === "never")) return moved(bare + query, 308);
  if (!uri.endsWith("/") && !isFile && SLASH === "always") return moved(uri + "/" + query, 308);
  if (uri.indexOf(BASE + "/") === 0) uri = uri.slice(BASE.length);
  if (uri.endsWith("/")) uri += "index.html";
  else if (!isFile) uri += ".html";
  request.uri = uri;
  return request;
}
"""


def make(site: Deployment) -> Made:
    """The function, and the script that uploads."""
    made = Made(faults=list(unruly_faults(site, NAME)))
    text = FUNCTION
    for mark, value in _tables(site).items():
        text = text.replace(mark, json.dumps(value, separators=(",", ":")))
    if len(text.encode()) > LIMIT:
        what = f"takes a function of {LIMIT:,} bytes, and this site needs {len(text.encode()):,} for its redirects"
        made.faults.append(exceeded(NAME, what))
    for output in site.pages:
        made.faults += _headers(output)
    made.notes += everywhere_notes(
        site.everywhere, NAME, ". Add the response headers policy SecurityHeadersPolicy, or one of your own"
    )
    made.beside = {"function.js": text, "upload.sh": "\n".join(_upload(site)) + "\n"}
    if site.hybrid:
        made.beside["behaviors.json"] = json.dumps(_behaviors(site), indent=2) + "\n"
    return made


def _behaviors(site: Deployment) -> dict[str, object]:
    """`CacheBehaviors` of a distribution: what the server answers, uncached, with everything that was asked."""
    routes = [it.route for it in site.dynamic] + [id for id, _ in site.unruly]
    found = {pattern: None for route in routes for pattern in _path_patterns(site.base_path, route)}
    items = [
        {
            "PathPattern": pattern,
            "TargetOriginId": SERVER,
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": {
                "Quantity": 7,
                "Items": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
                "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
            },
            "Compress": True,
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",  # CachingDisabled
            "OriginRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3",  # AllViewer
        }
        for pattern in found
    ]
    return {"Quantity": len(items), "Items": items}


def _path_patterns(base: str, route: str) -> Iterator[str]:
    """The patterns of a route, for both spellings of its address. What they match beyond it, the server answers too."""
    texts = re.split(r"\[+[^\]]*\]+", route.rstrip("/"))
    bare = base + "*".join(quote(text) if text else "" for text in texts)
    yield bare or "/"
    if bare and not bare.endswith("*"):
        yield f"{bare}/"


def _tables(site: Deployment) -> dict[str, object]:
    static = {it.path or "/": [it.location, it.status] for it in site.redirects if it.is_static}
    patterns = [
        [f"^{raw_regex(it.source)}$", numbered(it, "${}"), it.status]
        for it in site.redirects
        if not it.is_static
    ]
    pages = [it for it in site.pages if site.is_page_file(it.file) and not site.is_literal(it)]
    files = [it for it in site.pages if not site.is_page_file(it.file)]
    return {
        "@base": site.base_path,
        "@slash": site.slash,
        "@redirects": static,
        "@patterns": patterns,
        "@gone": [f"^{raw_regex(it.source)}$" for it in site.gone],
        "@pages": [it.url.rstrip("/") for it in pages if "." in _last(it.url.rstrip("/"))],
        "@files": [it.url for it in files if "." not in _last(it.url)],
    }


def _last(url: str) -> str:
    return url.rpartition("/")[2]


def _headers(output: Output) -> Iterator[Fault]:
    for name, _ in output.headers:
        if name.lower() not in KEPT:
            what = f"does not keep the header {name} of {output.url} with its file"
            yield exceeded(
                NAME, what, hint="Add a response headers policy to the distribution, or leave it out"
            )


def _upload(site: Deployment) -> Iterator[str]:
    yield "#!/bin/sh"
    yield "# Uploads the output with its types: BUCKET=name sh upload.sh. Written by engine."
    yield "set -eu"
    yield f"cd {shlex.quote(site.root)}"
    for output in site.outputs:
        options = ["--content-type", output.content_type]
        for name, value in output.headers:
            if name.lower() in KEPT:
                options += [f"--{name.lower()}", value]
        words = [output.file, *options]
        source, *rest = (shlex.quote(word) for word in words)
        yield f'aws s3 cp {source} "s3://$BUCKET/"{source} {" ".join(rest)}'


def read(texts: Mapping[str, str]) -> Rules:
    """The redirects of a function that `make` wrote."""
    text = texts["function.js"]
    static = json.loads(_variable(text, "REDIRECTS"))
    rules = [
        RedirectRule(re.compile(re.escape(path)), target, status, loose=True)
        for path, (target, status) in static.items()
    ]
    for pattern, target, status in json.loads(_variable(text, "PATTERNS")):
        filled = re.sub(r"\$(\d)", r":c\1", target)
        rules.append(RedirectRule(re.compile(named(pattern[1:-1])), filled, status, force=False, loose=True))
    for pattern in json.loads(_variable(text, "GONE")):
        rules.append(RedirectRule(re.compile(named(pattern[1:-1])), "", GONE, force=False, loose=True))
    behaviors = json.loads(texts["behaviors.json"])["Items"] if "behaviors.json" in texts else []
    passed = [re.escape(it["PathPattern"]).replace(r"\*", ".*") for it in behaviors]
    return Rules((*(RedirectRule(re.compile(it), "", PASSED_ON) for it in passed), *rules))


def _variable(text: str, name: str) -> str:
    found = re.search(rf"^var {name} = (.*);$", text, re.MULTILINE)
    assert found is not None
    return found[1]
