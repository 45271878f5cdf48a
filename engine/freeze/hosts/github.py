"""GitHub Pages: a workflow that freezes and deploys, and the file that keeps Jekyll away.

Source: docs.github.com/en/pages, "Using custom workflows with GitHub Pages" and "Creating a custom 404 page". It has
one `404.html`, no redirects, no headers of one's own, and its own media types. Redirects are pages that freeze writes.
"""

from __future__ import annotations

from engine.freeze.hosts.model import (
    Deployment,
    Made,
    everywhere_notes,
    exceeded,
    gone_notes,
    shown,
    unruly_faults,
)

NAME = "GitHub Pages"
WORKFLOW = """\
# For GitHub Pages: save it as .github/workflows/pages.yml. Written by engine.
# GitHub Pages cannot send headers or statuses of your own (301, 308, 410), nor 404 pages of single directories.
# Redirects are small pages that send visitors on.
name: pages
on:
  push:
    branches: [main]
permissions:
  contents: read
  pages: write
  id-token: write
concurrency:
  group: pages
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: ${{ steps.deployment.outputs.page_url }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install pages-engine
      - run: engine freeze --output dist --host-profile github --verify
      - uses: actions/upload-pages-artifact@v3
        with:
          path: dist
          include-hidden-files: true
      - id: deployment
        uses: actions/deploy-pages@v4
"""


def make(site: Deployment) -> Made:
    """The workflow and `.nojekyll`, without which names that begin with `_` are not published."""
    made = Made({".nojekyll": ""}, {"pages.yml": WORKFLOW}, list(unruly_faults(site, NAME)))
    made.notes += [*gone_notes(site.gone, NAME), *everywhere_notes(site.everywhere, NAME)]
    if site.hybrid and site.dynamic:
        made.faults.append(
            exceeded(NAME, "passes no requests on to a server", site.dynamic[0].source, "Choose another host")
        )
    for it in site.redirects:
        if not it.is_static:
            made.faults.append(exceeded(NAME, f"cannot redirect from {shown(it.source)}", it.file))
    for output in site.pages:
        wanted = [header for header in output.headers if header != ("Cache-Control", "no-cache")]
        if wanted:
            what = f"cannot send the header {wanted[0][0]} of {output.url}"
            made.faults.append(exceeded(NAME, what, hint="Choose another host, or leave the header out"))
    return made
