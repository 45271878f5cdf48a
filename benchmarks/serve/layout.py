"""The sites that are measured, as they stand on the disk meanwhile; and a process that measures one cell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import lab
from workloads import routes

HERE = Path(__file__).resolve().parent


def cell(framework: str, workload: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    environment = lab.environment()
    environment["PYTHONPATH"] += f":{lab.HERE}:{lab.WORK / 'serve'}"
    command = [str(lab.PYTHON), str(HERE / "cell.py"), framework, workload, *options]
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=600)


def lay_out(workloads: list[str]) -> None:
    """Copy the site, write out its ready page for the peers to send, make the sites of many routes."""
    shutil.rmtree(lab.WORK, ignore_errors=True)
    site = lab.WORK / "serve"
    shutil.copytree(HERE / "site", site)
    shutil.copy(
        site / "pages/table.html", site / "templates/table.html"
    )  # where the peers look for templates
    for workload in workloads:
        if workload.startswith("routes-"):
            routes_site(lab.WORK / workload, int(workload[7:]))
    for variant in ("hooked", "full"):
        shutil.copytree(site, lab.WORK / variant)
        shutil.copytree(HERE / variant, lab.WORK / variant, dirs_exist_ok=True)
    if "page" in workloads:
        (lab.WORK / "ready").mkdir()
        shown = cell("engine", "page", "--show")
        (lab.WORK / "ready/guide.html").write_bytes(shown.stdout)
        if shown.returncode:
            lab.say(
                "the engine did not answer its page; the peers have none to send: "
                + shown.stderr.decode()[-500:]
            )


def routes_site(site: Path, count: int) -> None:
    """A file for each route, with the least that can be in it."""
    for has_parameters, path in routes(count):
        file = site / f"pages{path}" / "[slug]/[id=int].py" if has_parameters else site / f"pages{path}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"def get({'slug, id' if has_parameters else ''}):\n    return '<h1>Hello, World!</h1>'\n"
        )
    (site / "site.toml").write_text('title = "Bench"\n')
