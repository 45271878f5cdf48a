"""Writes RESULTS.md from results/*.json: python benchmarks/report.py [--results DIRECTORY] [--out FILE]"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
US = "engine"
MEMORY = {"resident, MB": "rss_mb", "share, MB": "pss_mb"}
Figures = list[dict[str, Any]]
Row = dict[str, Figures]
HEAD = """# Results

Written by `python benchmarks/report.py` from `benchmarks/results/*.json`. What is measured and how, says
[README.md](README.md). Figures are medians over rounds. **Ratios** are the peer's figure divided by the
engine's *of the same round*: above 1 the engine is quicker. They are medians, with the lowest and the highest
round in brackets.
"""


def serve(result: dict[str, Any]) -> Iterator[str]:
    cells: dict[str, Row] = result["cells"]
    names = list(dict.fromkeys(name for row in cells.values() for name in row))
    yield "## Serving, in process (µs a request)\n"
    yield from _grid(cells, names, lambda row, name: _middle(row.get(name), "us", _short))
    taken = [figure for row in cells.values() for figures in row.values() for figure in figures]
    disturbed = sum(figure.get("clean", 0) < 3 for figure in taken)
    yield f"{disturbed} of {len(taken)} figures had fewer than three repeats that nobody disturbed.\n"
    yield "Ratios, peer ÷ engine:\n"
    yield from _grid(
        cells, [name for name in names if not name.startswith(US)], lambda row, name: _ratio(row, name, "us")
    )
    yield from _surrounded(cells, "hooked", "hooks around each page that do nothing")
    yield from _surrounded(cells, "full", "hooks that use `g` and set a header")
    many = {workload: row for workload, row in cells.items() if workload.startswith("routes-")}
    yield "Loading that many routes, the first request included (the engine's are as many files):\n"
    yield from _grid(many, names, lambda row, name: _middle(row.get(name), "load_s", _seconds))
    yield "Memory that they take, MB:\n"
    yield from _grid(many, names, lambda row, name: _middle(row.get(name), "memory_mb", _short))


def _surrounded(cells: dict[str, Row], variant: str, what: str) -> Iterator[str]:
    ours = f"{US}:{variant}"
    rows = {workload: row for workload, row in cells.items() if ours in row}
    if rows:
        yield f"The same with a secret key, more headers and {what}: peer ÷ {ours}.\n"
        peers = ("flask", "flask:keyed", "flask:full")
        shown = [name for name in peers if any(name in row for row in rows.values())]
        yield from _grid(rows, shown, lambda row, name: _ratio(row, name, "us", ours))


def api(result: dict[str, Any]) -> Iterator[str]:
    cells: dict[str, Row] = result["cells"]
    yield "## A validated JSON POST, in process\n"
    yield from table(
        ["", "µs a request", "÷ engine"],
        (
            [name, _middle(figures, "us", _short), "" if name == US else _ratio(cells["api"], name, "us")]
            for name, figures in cells["api"].items()
        ),
    )


def build(result: dict[str, Any]) -> Iterator[str]:
    yield f"## Building posts, cold ({result['filesystem']})\n"
    yield from _cold(result)


def peers(result: dict[str, Any]) -> Iterator[str]:
    yield f"## Building posts, cold, beside more tools ({result['filesystem']})\n"
    yield "Not all of them do the whole work: see [README.md](README.md#what-is-compared).\n"
    yield from _cold(result)


def _cold(result: dict[str, Any]) -> Iterator[str]:
    return table(
        ["posts", "tool", "wall", "ms a post", "CPU", *MEMORY, "wall ÷ engine", "CPU ÷ engine"],
        (
            [
                f"{int(count):,}",
                name,
                _middle(figures, "wall_s", _seconds),
                _middle(figures, "wall_s", _short, 1e3 / int(count)),
                _middle(figures, "cpu_s", _seconds),
                *(_middle(figures, key, _short) for key in MEMORY.values()),
                "" if name == US else _ratio(row, name, "wall_s"),
                "" if name == US else _ratio(row, name, "cpu_s"),
            ]
            for count, row in result["cells"].items()
            for name, figures in row.items()
        ),
    )


def colour(result: dict[str, Any]) -> Iterator[str]:
    yield f"## Building posts with coloured code, cold ({result['filesystem']})\n"
    yield from _cold(result)


def scale(result: dict[str, Any]) -> Iterator[str]:
    yield f"## Building many posts, cold ({result['filesystem']})\n"
    yield from table(
        ["posts", "tool", "wall", "CPU", "CPU ms a post", *MEMORY, "share, kB a post"],
        (
            [
                f"{int(count):,}",
                name,
                _middle(figures, "wall_s", _seconds),
                _middle(figures, "cpu_s", _seconds),
                _middle(figures, "cpu_s", _short, 1e3 / int(count)),
                *(_middle(figures, key, _short) for key in MEMORY.values()),
                _middle(figures, "pss_mb", _short, 1024 / int(count)),
            ]
            for count, row in result["cells"].items()
            for name, figures in row.items()
        ),
    )


def again(result: dict[str, Any]) -> Iterator[str]:
    if not any(result["again"].values()):
        return
    yield "## Building posts again\n"
    yield "What the next build takes after an edit, and that over the cold build of Hugo in the same round.\n"
    yield from table(
        ["posts", "after", "tool", "wall", "CPU", "wall ÷ Hugo, cold", "CPU ÷ Hugo, cold"],
        (
            [
                f"{int(count):,}",
                case,
                name,
                _middle(figures, "wall_s", _seconds),
                _middle(figures, "cpu_s", _seconds),
                *(_over(figures, result["cells"][count].get("hugo", []), key) for key in ("wall_s", "cpu_s")),
            ]
            for count, cases in result["again"].items()
            for case, row in cases.items()
            for name, figures in row.items()
        ),
    )


def profile(result: dict[str, Any]) -> Iterator[str]:
    cells: dict[str, dict[str, float]] = result["cells"]
    sums = {name: sum(steps.values()) for name, steps in cells.items()}
    yield "## Where the time of a cold freeze goes\n"
    yield f"CPU µs a page of {result['pages']:,} posts, by one worker, and the share of it.\n"
    yield from table(
        ["step", *(title for name in cells for title in (name, "share"))],
        (
            [
                step,
                *(
                    shown
                    for name, steps in cells.items()
                    for shown in (
                        _short(steps[step] * 1e6 / result["pages"]),
                        f"{steps[step] / sums[name]:.0%}",
                    )
                ),
            ]
            for step in next(iter(cells.values()))
        ),
    )


def dev(result: dict[str, Any]) -> Iterator[str]:
    yield "## The development server\n"
    yield from table(
        [
            "posts",
            "first page after",
            "at the next start",
            "an edit in the browser after",
            "quickest",
            "slowest",
        ],
        (
            [
                f"{int(count):,}",
                _seconds(figures["first_s"]),
                _seconds(figures["again_s"]),
                *(f"{show(figures['edits_ms']):.0f} ms" for show in (median, min, max)),
            ]
            for count, figures in result["cells"].items()
        ),
    )


def chunks(result: dict[str, Any]) -> Iterator[str]:
    yield "## A chunk on another machine\n"
    yield f"A site of {result['pages']:,} posts on one worker of a dask cluster, chunk after chunk.\n"
    yield from table(
        ["pages in the chunk", "ms"], ([size, _short(taken)] for size, taken in result["chunks_ms"].items())
    )
    yield (
        f"That is {_short(result['chunk_ms'])} ms for each chunk and {_short(result['page_ms'])} ms for each page. "
        f"The site goes there once: {_seconds(result['pack_s'])} to pack it into {_short(result['bundle_mb'])} MB, "
        f"{_seconds(result['load_s'])} to send and load it.\n"
    )


def sockets(result: dict[str, Any]) -> Iterator[str]:
    yield "## Over sockets (µs a request)\n"
    yield "One connection that stays open. `floor` is an application that does nothing: what the server costs alone.\n"
    cells: dict[str, dict[str, Row]] = result["cells"]
    yield from table(
        ["server", "workload", "floor", US, "flask", f"flask ÷ {US}", f"beyond the floor: flask ÷ {US}"],
        (
            [
                server,
                workload,
                *(_middle(row.get(name), "us", _short) for name in ("floor", US, "flask")),
                _ratio(row, "flask", "us"),
                _beyond(row),
            ]
            for server, rows in cells.items()
            for workload, row in rows.items()
        ),
    )


def _beyond(row: Row) -> str:
    floor, ours, theirs = (median(figure["us"] for figure in row[name]) for name in ("floor", US, "flask"))
    return _short((theirs - floor) / (ours - floor)) if ours > floor else ""


def soak(result: dict[str, Any]) -> Iterator[str]:
    held = result["held_mb"]
    yield "## A million requests in a row\n"
    yield (
        f"{result['requests']:,} requests to one process, those of the table above in turn, with hooks: it holds "
        f"{held[0]:.1f} MB after the first {result['requests'] // len(held):,} and {held[-1]:.1f} MB after the last. "
        f"The line through that rises by {result['kb_per_100k']:.1f} kB for each 100,000 requests.\n"
    )


def match(result: dict[str, Any]) -> Iterator[str]:
    yield "## Finding a route, and no more (µs a path)\n"
    yield from table(
        ["routes", "2,000 random addresses", "100 addresses in turn"],
        (
            [f"{int(count):,}", *(_middle(figures, kind, _short) for kind in ("sample", "in turn"))]
            for count, figures in result["cells"].items()
        ),
    )


def load(result: dict[str, Any]) -> Iterator[str]:
    yield f"## Loading small pages ({result['filesystem']})\n"
    yield from table(
        ["pages", "", "time", "µs a page", "bytes a page"],
        (
            [
                f"{int(count):,}",
                kind,
                _middle(figures, "seconds", _seconds),
                _middle(figures, "seconds", _short, 1e6 / int(count)),
                _middle(figures, "bytes", _short, 1 / int(count)),
            ]
            for count, row in result["cells"].items()
            for kind, figures in row.items()
        ),
    )


def corpora(result: dict[str, Any]) -> Iterator[str]:
    yield "## Content of others, as it is\n"
    yield "`engine freeze --keep-going` on content that knows nothing of the engine. The faults are those of the"
    yield "content: most are links to what was not brought with it, or by the rules of another generator.\n"
    yield from table(
        ["corpus", "pages", "seconds", "faults", "of which"],
        (
            [
                name,
                f"{row['pages']:,}",
                f"{row['seconds']:.2f}",
                f"{sum(row['faults'].values()):,}",
                ", ".join(f"{count} {code}" for code, count in row["faults"].items()),
            ]
            for name, row in result["cells"].items()
        ),
    )
    yield f"`{result['command']}` · {result['date']}\n"


def _grid(cells: dict[str, Row], names: list[str], show: Callable[[Row, str], str]) -> Iterator[str]:
    """A table with a line for each workload and a column for each framework."""
    rows = ([workload, *(show(row, name) for name in names)] for workload, row in cells.items())
    return table(["", *names], rows)


def table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "---:|" * (len(head) - 1)
    yield from ("| " + " | ".join(row) + " |" for row in rows)
    yield ""


def machine(result: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (
        f"`{result['command']}` · {result['date']} · commit {result['commit']} · Python {result['python']} · "
        f"{result['cores']} cores of {result['cpu']}, Linux {result['kernel']} · {versions}\n"
    )


def _middle(figures: Figures | None, key: str, show: Callable[[float], str], scale: float = 1) -> str:
    """The median of a figure, nothing where it was not taken."""
    if not figures:
        return ""
    sound = [figure for figure in figures if "error" not in figure]
    if not sound:
        return "failed"
    values = [figure[key] * scale for figure in sound if key in figure]
    return show(median(values)) if values else ""


def _ratio(row: Row, peer: str, key: str, us: str = US) -> str:
    return _over(row.get(peer, []), row.get(us, []), key)


def _over(upper: Figures, lower: Figures, key: str) -> str:
    """The ratios of figures of the same rounds."""
    pairs = zip(upper, lower, strict=False)
    ratios = [
        theirs[key] / ours[key] for theirs, ours in pairs if "error" not in theirs and "error" not in ours
    ]
    if not ratios:
        return ""
    return f"**{_short(median(ratios))}** ({_short(min(ratios))} to {_short(max(ratios))})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _seconds(value: float) -> str:
    return f"{value * 1e3:.0f} ms" if value < 1 else f"{value:.2f} s"


WRITERS = {
    "serve": (serve,),
    "sockets": (sockets,),
    "soak": (soak,),
    "api": (api,),
    "match": (match,),
    "build": (build, again),
    "colour": (colour,),
    "peers": (peers,),
    "scale": (scale,),
    "profile": (profile,),
    "load": (load,),
    "dev": (dev,),
    "chunks": (chunks,),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    lines = [HEAD]
    for name, writers in WRITERS.items():
        file = args.results / f"{name}.json"
        if file.exists():
            result = json.loads(file.read_text())
            for write in writers:
                lines += write(result)
            lines += [machine(result)]
    if (file := args.results / "corpora.json").exists():
        lines += corpora(json.loads(file.read_text()))
    args.out.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
