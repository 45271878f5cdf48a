"""`engine deploy` to real places: rsync, a git repository, and a server that speaks the protocol of S3."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from commands import Process, command, eventually, run
from doors import Files, freeze_site, write_site
from freeze_tools import PLAIN, tree_of
from hosts_tools import free_port

pytestmark = pytest.mark.long
CLAIMS = ".engine-deployed.json"
LOCK = ".engine-deploying"
SITE: Files = {
    **PLAIN,
    "pages/index.md": "# Home\n",
    "pages/about.md": "# About\n",
    "pages/a name/[x+5b]1[x+5d].md": "# Unlucky\n",
    "pages/data.json.py": """
        from engine import Response

        def get():
            return Response("{}", mimetype="application/json", headers={"Cache-Control": "max-age=60"})
        """,
    "static/style.css": "p { color: red }\n",
    "static/café & crème.txt": "both\n",
}


class Target(ABC):
    """A place to deploy to, and what is there."""

    to: str
    environment: dict[str, str] = {}

    @abstractmethod
    def tree(self) -> dict[str, bytes]:
        """What is there, by path, without the list of what the engine put there."""

    @abstractmethod
    def put(self, path: str, body: bytes) -> None:
        """Somebody else puts a file there, or spoils one."""


class Directory(Target):
    def __init__(self, home: Path) -> None:
        if shutil.which("rsync") is None:
            pytest.skip("rsync is not installed")
        self.root = home / "www"
        self.to = f"rsync:{self.root}"

    def tree(self) -> dict[str, bytes]:
        return {path: body for path, body in tree_of(self.root).items() if path != CLAIMS}

    def put(self, path: str, body: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(body)


class Repository(Target):
    def __init__(self, home: Path) -> None:
        if shutil.which("git") is None:
            pytest.skip("git is not installed")
        self.root = home / "bare.git"
        self._home = home
        subprocess.run(["git", "init", "-q", "--bare", self.root], check=True)
        self.to = f"git:{self.root}#pages"

    def git(self, *arguments: str) -> bytes:
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def tree(self) -> dict[str, bytes]:
        names = self.git("ls-tree", "-r", "-z", "--name-only", "pages").decode().split("\0")[:-1]
        return {name: self.git("show", f"pages:{name}") for name in names if name != CLAIMS}

    def put(self, path: str, body: bytes) -> None:
        clone = self._home / "clone"
        shutil.rmtree(clone, ignore_errors=True)
        subprocess.run(["git", "clone", "-q", "-b", "pages", self.root, clone], check=True)
        (clone / path).write_bytes(body)
        identity = ["-c", "user.name=Somebody", "-c", "user.email=else@example.org"]
        subprocess.run(["git", "add", "-A"], cwd=clone, check=True)
        subprocess.run(["git", *identity, "commit", "-q", "-m", "By hand"], cwd=clone, check=True)
        subprocess.run(["git", "push", "-q"], cwd=clone, check=True)


class Store(Target):
    to = "s3://crust/shop"

    def __init__(self, port: int) -> None:
        self.environment = {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ALLOW_HTTP": "true",
        }
        boto3 = pytest.importorskip("boto3")
        signed = {
            "endpoint_url": f"http://127.0.0.1:{port}",
            "aws_access_key_id": "key",
            "aws_secret_access_key": "secret",
            "region_name": "us-east-1",
        }
        self.client: Any = boto3.client("s3", **signed)
        self.cloudfront: Any = boto3.client("cloudfront", **signed)
        self.client.create_bucket(Bucket="crust")

    def tree(self) -> dict[str, bytes]:
        return {name: self.object(name)["Body"].read() for name in self.names() if name != CLAIMS}

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket="crust").get("Contents", [])
        return [it["Key"].removeprefix("shop/") for it in found]

    def object(self, name: str) -> Any:
        return self.client.get_object(Bucket="crust", Key=f"shop/{name}")

    def put(self, path: str, body: bytes) -> None:
        self.client.put_object(Bucket="crust", Key=f"shop/{path}", Body=body)


@pytest.fixture
def store() -> Iterator[Store]:
    pytest.importorskip("moto.server")
    pytest.importorskip("obstore")
    port = free_port()
    start = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
    with Process([sys.executable, "-W", "ignore", "-c", start]) as server:
        server.port = port
        server.answering("/moto-api/")
        yield Store(port)


@pytest.fixture(params=["rsync", "git", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    if request.param == "s3":
        return request.getfixturevalue("store")  # type: ignore[no-any-return]
    return (Directory if request.param == "rsync" else Repository)(tmp_path)


class Shop:
    """A site that is frozen and deployed."""

    def __init__(self, root: Path, target: Target) -> None:
        self.root = root
        self.target = target
        write_site(root, SITE)

    def freeze(self, files: Files | None = None) -> None:
        write_site(self.root, files or {})
        assert not freeze_site(self.root, self.root / "dist").faults

    def deploy(self, *options: str) -> dict[str, Any]:
        done = run("deploy", self.root, "--to", self.target.to, "--json", *options, **self.target.environment)
        assert done.returncode == 0, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def output(self) -> dict[str, bytes]:
        frozen = tree_of(self.root / "dist")
        return {path: body for path, body in frozen.items() if not path.startswith(".engine")}


@pytest.fixture
def shop(tmp_path: Path, target: Target) -> Shop:
    shop = Shop(tmp_path / "site", target)
    shop.freeze()
    return shop


def test_the_place_gets_just_what_was_frozen(shop: Shop) -> None:
    report = shop.deploy()
    assert shop.target.tree() == shop.output()
    assert sorted(report["sent"]) == sorted(shop.output())
    assert "a name/[1]/index.html" in shop.target.tree()


def test_the_second_time_nothing_is_sent(shop: Shop) -> None:
    shop.deploy()
    report = shop.deploy()
    assert (report["sent"], report["removed"]) == ([], [])
    assert sorted(report["unchanged"]) == sorted(shop.output())


def test_only_what_changed_is_sent_and_what_is_gone_is_removed(shop: Shop) -> None:
    shop.deploy()
    (shop.root / "pages/about.md").unlink()
    shop.freeze({"pages/index.md": "# Home again\n", "pages/new/page.md": "# New\n"})
    report = shop.deploy()
    assert sorted(report["sent"]) == ["index.html", "new/page/index.html"]
    assert report["removed"] == ["about/index.html"]
    assert shop.target.tree() == shop.output()


def test_assets_are_sent_before_pages(shop: Shop) -> None:
    sent = shop.deploy()["sent"]
    kinds = [path.endswith(".html") for path in sent]
    assert kinds == sorted(kinds) and len(set(kinds)) == 2


def test_what_others_put_there_stays(shop: Shop) -> None:
    shop.deploy()
    shop.target.put("CNAME", b"crust.example.org")
    (shop.root / "pages/about.md").unlink()
    shop.freeze()
    shop.deploy()
    assert shop.target.tree() == {**shop.output(), "CNAME": b"crust.example.org"}


def test_what_somebody_spoilt_is_sent_again(shop: Shop) -> None:
    shop.deploy()
    shop.target.put("style.css", b"")
    assert shop.deploy()["sent"] == ["style.css"]
    assert shop.target.tree() == shop.output()


def test_a_dry_run_says_what_would_happen_and_does_nothing(shop: Shop) -> None:
    shop.deploy()
    before = shop.target.tree()
    (shop.root / "pages/about.md").unlink()
    shop.freeze({"static/new.css": "p {}"})
    done = run("deploy", shop.root, "--to", shop.target.to, "--dry-run", **shop.target.environment)
    assert done.stdout.splitlines() == ["send   new.css", "remove about/index.html"]
    assert "This would deploy to" in done.stderr
    assert shop.target.tree() == before
    assert sorted(shop.deploy()["sent"]) == ["new.css"]


def test_an_output_that_is_not_as_it_was_frozen_is_not_sent(shop: Shop) -> None:
    (shop.root / "dist/index.html").write_text("spoilt")
    (shop.root / "dist/style.css").unlink()
    done = run("deploy", shop.root, "--to", shop.target.to, **shop.target.environment)
    assert done.returncode == 1
    assert "index.html: is not as it was frozen. Freeze again." in done.stderr
    assert "style.css: was frozen, and is gone. Freeze again." in done.stderr
    assert "2 faults." in done.stderr


# One by one


def test_a_bucket_keeps_types_and_headers(tmp_path: Path, store: Store) -> None:
    shop = Shop(tmp_path / "site", store)
    shop.freeze()
    shop.deploy()
    kept = store.object("data.json")
    assert (kept["ContentType"], kept["CacheControl"]) == ("application/json", "max-age=60")
    assert store.object("index.html")["ContentType"] == "text/html; charset=utf-8"
    page = 'from engine import Response\n\n\ndef get():\n    return Response("{}", mimetype="application/json")\n'
    shop.freeze({"pages/data.json.py": page})
    assert shop.deploy()["sent"] == ["data.json"]
    assert "max-age" not in store.object("data.json").get("CacheControl", "")


# Two at once


@pytest.fixture
def other(tmp_path: Path) -> Shop:
    """Another site that is frozen, for the same place."""
    shop = Shop(tmp_path / "other", Target.__new__(Directory))
    shop.freeze({"pages/index.md": "# Other\n", "pages/mine.md": "# Mine\n", "static/style.css": "p {}\n"})
    return shop


def begun(shop: Shop, target: Target, **environment: str) -> Process:
    return Process(command("deploy", shop.root, "--to", target.to), **target.environment, **environment)


def code_of(deploy: Process) -> int:
    return deploy.process.wait(60)


def test_of_two_deploys_to_a_directory_one_waits_for_the_other(tmp_path: Path, other: Shop) -> None:
    target = Directory(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze()
    log = tmp_path / "log"
    noted = f'#!/bin/sh\necho $PPID >>"{log}"\nsleep 0.1\nexec {shutil.which("rsync")} "$@"\n'
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/rsync").write_text(noted)
    (tmp_path / "bin/rsync").chmod(0o755)
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    with begun(shop, target, PATH=path) as first, begun(other, target, PATH=path) as second:
        assert (code_of(first), code_of(second)) == (0, 0), first.said + second.said
        at_work = [process for process, _ in groupby(log.read_text().split())]
        names = {str(first.process.pid): shop, str(second.process.pid): other}
    assert sorted(at_work) == sorted(names)  # each once, from its beginning to its end
    assert target.tree() == names[at_work[-1]].output()


def test_of_two_deploys_to_a_branch_the_later_push_fails(tmp_path: Path, other: Shop) -> None:
    target = Repository(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze()
    first_waits = (
        f'#!/bin/sh\nmkdir "{tmp_path}/waits" || exit 0\nuntil [ -e "{tmp_path}/go" ]; do sleep 0.05; done\n'
    )
    (target.root / "hooks/pre-receive").write_text(first_waits)
    (target.root / "hooks/pre-receive").chmod(0o755)
    with begun(shop, target) as first:
        eventually((tmp_path / "waits").exists, "the first one pushes")
        with begun(other, target) as second:
            assert code_of(second) == 0, second.said
        (tmp_path / "go").touch()
        assert code_of(first) == 1
    assert "somebody else pushed to it meanwhile, and nothing of this was sent. Deploy again." in first.said
    assert target.tree() == other.output()


def test_of_two_deploys_to_a_bucket_the_second_is_refused(tmp_path: Path, store: Store, other: Shop) -> None:
    shop = Shop(tmp_path / "site", store)
    shop.freeze({f"static/{number}.txt": str(number) for number in range(200)})
    with begun(shop, store) as first:
        eventually(lambda: LOCK in store.names(), "the first one has begun")
        first.process.send_signal(signal.SIGSTOP)
        with begun(other, store) as second:
            assert code_of(second) == 1
        first.process.send_signal(signal.SIGCONT)
        assert code_of(first) == 0, first.said
    assert "s3://crust/shop: another deploy has been running since" in second.said
    assert store.tree() == shop.output()


def test_the_lock_of_a_deploy_that_was_killed_holds_for_an_hour(tmp_path: Path, store: Store) -> None:
    shop = Shop(tmp_path / "site", store)
    shop.freeze()
    now = datetime.now(UTC)
    store.put(LOCK, f"{(now - timedelta(minutes=59)).isoformat()} abc".encode())
    done = run("deploy", shop.root, "--to", store.to, **store.environment)
    assert done.returncode == 1
    assert f"If it was killed, remove {LOCK} there, or wait until" in done.stderr
    assert store.tree().keys() == {LOCK}
    store.put(LOCK, f"{(now - timedelta(minutes=61)).isoformat()} abc".encode())
    shop.deploy()
    assert store.tree() == shop.output()


@pytest.fixture
def distribution(store: Store) -> Iterator[str]:
    """The id of a distribution of CloudFront before the bucket."""
    origin = {
        "Id": "crust",
        "DomainName": "crust.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    cache = {"TargetOriginId": "crust", "ViewerProtocolPolicy": "allow-all"}
    config = {
        "CallerReference": "crust",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": cache,
        "Comment": "",
        "Enabled": True,
    }
    made = store.cloudfront.create_distribution(DistributionConfig=config)
    yield made["Distribution"]["Id"]


def forgotten(store: Store, distribution: str) -> list[list[str]]:
    """The paths of each invalidation, the last one first."""
    listed = store.cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get(
        "Items", []
    )
    found = [store.cloudfront.get_invalidation(DistributionId=distribution, Id=it["Id"]) for it in listed]
    return [it["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] for it in found]


def test_cloudfront_forgets_what_was_sent_or_removed(tmp_path: Path, store: Store, distribution: str) -> None:
    shop = Shop(tmp_path / "site", store)
    settings = f'base_url = "https://crust.example/shop"\n[deploy]\ncloudfront = "{distribution}"\n'
    shop.freeze({"site.toml": settings})
    shop.deploy()
    (shop.root / "pages/about.md").unlink()
    shop.freeze({"static/café & crème.txt": "none\n"})
    expected = [
        "/about/index.html",
        "/caf%C3%A9%20&%20cr%C3%A8me.txt",
        "/shop/about/",
        "/shop/about/index.html",
        "/shop/caf%C3%A9%20&%20cr%C3%A8me.txt",
    ]
    assert shop.deploy("--dry-run")["invalidated"] == expected
    assert len(forgotten(store, distribution)) == 1
    assert shop.deploy()["invalidated"] == expected
    assert expected in map(sorted, forgotten(store, distribution))
    assert shop.deploy()["invalidated"] == []
    assert len(forgotten(store, distribution)) == 2


def test_more_than_five_hundred_addresses_are_all(tmp_path: Path, store: Store, distribution: str) -> None:
    shop = Shop(tmp_path / "site", store)
    many: Files = {f"static/{number}.txt": "" for number in range(500)}
    shop.freeze({"site.toml": f'[deploy]\ncloudfront = "{distribution}"\n', **many})
    assert shop.deploy()["invalidated"] == ["/*"]
    assert forgotten(store, distribution) == [["/*"]]


def test_what_cloudfront_was_not_told_is_told_by_the_next_deploy(
    tmp_path: Path, store: Store, distribution: str
) -> None:
    shop = Shop(tmp_path / "site", store)
    shop.freeze()
    shop.deploy()
    shop.freeze({"static/style.css": "p {}", "site.toml": '[deploy]\ncloudfront = "ENOBODY"\n'})
    done = run("deploy", shop.root, "--to", store.to, **store.environment)
    assert done.returncode == 1
    assert done.stderr.startswith("CloudFront ENOBODY: ") and "Traceback" not in done.stderr
    shop.freeze({"site.toml": f'[deploy]\ncloudfront = "{distribution}"\n'})
    assert shop.deploy()["invalidated"] == ["/style.css"]
    assert store.tree() == shop.output()


def test_cloudfront_stands_before_a_bucket_alone(tmp_path: Path) -> None:
    target = Directory(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze({"site.toml": '[deploy]\ncloudfront = "E2EXAMPLE1"\n'})
    done = run("deploy", shop.root, "--to", target.to)
    assert done.returncode == 1
    assert "`deploy.cloudfront` is for a bucket" in done.stderr and not target.root.exists()


def test_a_bucket_that_is_not_there_is_told_in_a_line(tmp_path: Path, store: Store) -> None:
    shop = Shop(tmp_path / "site", store)
    shop.freeze()
    done = run("deploy", shop.root, "--to", "s3://nobody-has-this", **store.environment)
    assert done.returncode == 1
    assert done.stderr.startswith("s3://nobody-has-this: ") and "NoSuchBucket" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_deploy_that_was_killed_is_ended_by_the_next(tmp_path: Path) -> None:
    """What was claimed and not sent is sent, and what was sent and is gone by now is removed."""
    target = Directory(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze()
    shop.deploy()
    claims = json.loads((target.root / CLAIMS).read_text())
    claims["files"]["half.html"] = ""
    (target.root / CLAIMS).write_text(json.dumps(claims))
    target.put("half.html", b"sent by the one that was killed")
    assert shop.deploy()["removed"] == ["half.html"]
    assert target.tree() == shop.output()


def test_what_cannot_be_read_of_the_last_deploy_removes_nothing(tmp_path: Path) -> None:
    target = Directory(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze()
    shop.deploy()
    target.put(CLAIMS, b"{")
    done = run("deploy", shop.root, "--to", target.to)
    assert done.returncode == 1
    assert "cannot be read" in done.stderr


def test_a_directory_that_is_empty_by_now_is_removed(tmp_path: Path) -> None:
    target = Directory(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze({"pages/a/b/c.md": "# Deep\n", "pages/d/e.md": "# Kept\n"})
    shop.deploy()
    target.put("d/note.txt", b"of somebody")
    for page in ("pages/a/b/c.md", "pages/d/e.md"):
        (shop.root / page).unlink()
    shop.freeze()
    shop.deploy()
    assert not (target.root / "a").exists()
    assert os.listdir(target.root / "d") == ["note.txt"]


def test_a_branch_gets_one_commit_a_deploy_on_top_of_the_last(tmp_path: Path) -> None:
    target = Repository(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze()
    shop.deploy()
    shop.freeze({"pages/index.md": "# Again\n"})
    shop.deploy()
    shop.deploy()
    assert target.git("log", "--format=%s", "pages").split() == [b"Publish", b"the", b"site"] * 2


def test_a_branch_of_a_remote_by_its_name(tmp_path: Path) -> None:
    target = Repository(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze()
    subprocess.run(["git", "init", "-q", shop.root], check=True)
    subprocess.run(["git", "remote", "add", "origin", target.root], cwd=shop.root, check=True)
    subprocess.run(["git", "config", "user.name", "The Baker"], cwd=shop.root, check=True)
    target.to = "git:origin#pages"
    shop.deploy()
    assert target.tree() == shop.output()
    assert target.git("log", "--format=%an", "pages").strip() == b"The Baker"


def test_the_place_may_stand_in_the_settings(tmp_path: Path) -> None:
    target = Directory(tmp_path)
    shop = Shop(tmp_path / "site", target)
    shop.freeze({"site.toml": f'[deploy]\nto = "{target.to}"\n'})
    done = run("deploy", shop.root)
    assert done.returncode == 0, done.stderr
    assert f"Deployed to {target.root}: {len(shop.output())} sent, 0 unchanged, 0 removed." in done.stderr


@pytest.mark.parametrize("to", ["", "ftp://example.org", "s3:", "s3://", "git:origin"])
def test_what_names_no_place_is_told(tmp_path: Path, to: str) -> None:
    shop = Shop(tmp_path / "site", Target.__new__(Directory))
    shop.freeze()
    done = run("deploy", shop.root, "--to", to)
    assert done.returncode == 1
    assert "Write " in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["", "dist"])
def test_the_site_is_no_place_to_deploy_it_to(tmp_path: Path, name: str) -> None:
    shop = Shop(tmp_path / "site", Target.__new__(Directory))
    shop.freeze()
    before = sorted(shop.root.rglob("*"))
    done = run("deploy", shop.root, "--to", f"rsync:{shop.root / name}")
    assert done.returncode == 1
    assert "is where the site or its output is. Choose another directory." in done.stderr
    assert sorted(shop.root.rglob("*")) == before


def test_a_site_that_is_not_frozen_is_not_sent(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", SITE)
    done = run("deploy", site, "--to", f"rsync:{tmp_path}/www")
    assert done.returncode == 1
    assert "There is no frozen site in" in done.stderr and not (tmp_path / "www").exists()
