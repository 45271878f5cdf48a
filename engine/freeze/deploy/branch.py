"""A branch of a git repository, which gets one commit a deploy, pushed without force.

Git needs no order: visitors' hosts see a commit whole. Source: git-update-index(1), git-commit-tree(1), git-push(1).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.freeze.deploy.output import CLAIMS, File

MESSAGE = "Publish the site"
PLAIN = ["-c", "core.autocrlf=false", "-c", "core.fileMode=false", "-c", "core.quotePath=false"]
"""Files go in as they are, whatever the person at the machine prefers."""


class Branch:
    """`to` is `REMOTE#BRANCH`: a URL, a path, or the name of a remote of the repository that `site` is in."""

    keeps_headers = False

    def __init__(self, to: str, output: Path, site: Path) -> None:
        remote, _, name = to.rpartition("#")
        if not remote or not name:
            raise EngineError(f"git:{to} names no branch. Write git:REMOTE#BRANCH, as git:origin#gh-pages.")
        self.title = to
        self._name = name
        self._output = output
        self._site = site
        self._home = tempfile.TemporaryDirectory(prefix="engine-deploy-")
        self._environment = {**os.environ, **_identity(site), **self._places()}
        self._git("init", "--quiet")
        self._remote = self._address(remote)
        self._parent = self._fetched()
        if self._parent:
            self._git("read-tree", self._parent)

    def held(self) -> AbstractContextManager[None]:
        return nullcontext()  # a push on top of what is not the last commit any more is refused

    def claims(self) -> bytes:
        return self._git("cat-file", "blob", f":{CLAIMS}") if CLAIMS in self._tree() else b""

    def differing(self, files: Collection[File], claimed: Mapping[str, str]) -> Collection[str]:
        there = self._tree()
        names = [file.path for file in files]
        hashes = (
            self._git("hash-object", "--no-filters", "--stdin-paths", names=names, end="\n").decode().split()
        )
        return {name for name, found in zip(names, hashes, strict=True) if there.get(name) != found}

    def send(self, files: Iterable[File], done: Callable[[int], None]) -> None:
        names = [file.path for file in files]
        blobs = self._git("hash-object", "-w", "--no-filters", "--stdin-paths", names=names, end="\n")
        lines = [f"100644 {blob}\t{name}" for name, blob in zip(names, blobs.decode().split(), strict=True)]
        self._git("update-index", "-z", "--add", "--replace", "--index-info", names=lines)
        done(len(names))

    def remove(self, paths: Collection[str]) -> None:
        self._git("update-index", "-z", "--force-remove", "--stdin", names=paths)

    def claim(self, text: bytes, *, last: bool) -> None:
        if not last:
            return
        blob = self._git("hash-object", "-w", "--stdin", given=text).decode().strip()
        self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{CLAIMS}")
        tree = self._git("write-tree").decode().strip()
        parents = ["-p", self._parent] if self._parent else []
        commit = self._git("commit-tree", tree, *parents, "-m", MESSAGE).decode().strip()
        try:
            self._git("push", "--quiet", self._remote, f"{commit}:refs/heads/{self._name}")
        except EngineError:
            if self._last() == self._parent:
                raise
            what = "somebody else pushed to it meanwhile, and nothing of this was sent. Deploy again"
            raise EngineError(f"{self.title}: {what}.") from None

    def _places(self) -> dict[str, str]:
        return {
            "GIT_DIR": self._home.name,
            "GIT_WORK_TREE": str(self._output),
            "GIT_INDEX_FILE": f"{self._home.name}/index",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }

    def _tree(self) -> dict[str, str]:
        """The files of the index, by path with the name of the blob."""
        entries = self._git("ls-files", "-s", "-z").decode("utf-8", "surrogateescape").split("\0")
        found = (entry.partition("\t") for entry in entries if entry)
        return {name: head.split()[1] for head, _, name in found}

    def _fetched(self) -> str:
        """The last commit of the branch; empty where there is no branch yet."""
        if not self._last():
            return ""
        self._git("fetch", "--quiet", "--depth=1", self._remote, f"refs/heads/{self._name}:refs/engine/last")
        return self._git("rev-parse", "refs/engine/last").decode().strip()

    def _last(self) -> str:
        """The last commit of the branch as the remote has it now."""
        return self._git("ls-remote", self._remote, f"refs/heads/{self._name}").decode().partition("\t")[0]

    def _address(self, remote: str) -> str:
        """The URL of a remote of the site's own repository, where it has one of this name."""
        done = _run(["git", "-C", str(self._site), "remote", "get-url", "--push", remote])
        if done.returncode == 0:
            remote = os.fsdecode(done.stdout).strip()
        path = self._site / remote  # git itself would look below its temporary repository
        return str(path.resolve()) if "://" not in remote and path.exists() else remote

    def _git(self, *arguments: str, names: Iterable[str] = (), end: str = "\0", given: bytes = b"") -> bytes:
        """Run git in the temporary repository, with the output as its files. Raises `EngineError`."""
        listed = os.fsencode("".join(f"{name}{end}" for name in names))
        done = _run(
            ["git", *PLAIN, *arguments], input=given or listed, cwd=self._output, env=self._environment
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it says nothing"]
            raise EngineError(f"{self.title}: git {arguments[0]} failed: {' '.join(said)}")
        return done.stdout


def _identity(site: Path) -> dict[str, str]:
    """Who commits: who would in the repository of the site, else the engine."""
    found: dict[str, str] = {}
    for key, fallback in (("name", "engine"), ("email", "engine@localhost")):
        said = _run(["git", "-C", str(site), "config", f"user.{key}"]).stdout.decode().strip()
        for role in ("AUTHOR", "COMMITTER"):
            variable = f"GIT_{role}_{key.upper()}"
            found[variable] = os.environ.get(variable) or said or fallback
    return found


def _run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, capture_output=True, check=False, **options)
    except FileNotFoundError:
        raise EngineError("git is not installed.") from None
