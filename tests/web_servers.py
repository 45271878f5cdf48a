"""nginx, Caddy and Apache with what the engine writes for them, for the tests of hosts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from commands import eventually
from engine.freeze.hosts import apache, caddy, nginx
from engine.freeze.hosts.asking import Answer
from engine.freeze.hosts.model import Deployment
from hosts_tools import asked, free_port, listens, readable

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
FRAME = """
daemon off;
pid {home}/pid;
error_log {home}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/nginx.conf;
}}
"""


@contextmanager
def nginx_running(deployment: Deployment, home: Path) -> Iterator[Callable[..., Answer]]:
    """nginx with the written configuration; gives a function that asks it."""
    assert NGINX is not None
    home.mkdir()
    port = free_port()
    text = nginx.make(deployment).beside["nginx.conf"].replace("listen 80;", f"listen 127.0.0.1:{port};")
    (home / "nginx.conf").write_text(text)
    (home / "frame.conf").write_text(FRAME.format(home=home))
    readable(home)
    server = subprocess.Popen([NGINX, "-p", str(home), "-c", str(home / "frame.conf")])
    try:
        eventually(lambda: listens(port) or server.poll() is not None, "nginx listens")
        assert server.poll() is None, (home / "error.log").read_text()
        yield lambda path, method="GET", **headers: asked(port, path, method, **headers)
    finally:
        server.terminate()
        server.wait(60)


MODULES = "authz_core mime dir rewrite headers alias proxy proxy_http mpm_event"
APACHE = """
ServerName localhost
ServerRoot "{home}"
PidFile "{home}/pid"
ErrorLog "{home}/error.log"
Listen 127.0.0.1:{port}
Mutex file:{home}
{modules}
TypesConfig /dev/null
DocumentRoot "{root}"
{alias}
<Directory "{root}">
    Require all granted
    AllowOverride All
    Options FollowSymLinks
</Directory>
"""


@contextmanager
def caddy_running(site: Deployment, home: Path) -> Iterator[int]:
    port = free_port()
    text = "{\n\tadmin off\n}\n" + caddy.make(site).beside["Caddyfile"]
    (home / "Caddyfile").write_text(text)
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(home / "Caddyfile")]
    environment = {"SITE_ADDRESS": f"http://:{port}", "HOME": str(home), "PATH": "/usr/bin"}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    yield from _until(server, port, home / "log")


@contextmanager
def apache_running(site: Deployment, home: Path) -> Iterator[int]:
    port = free_port()
    (Path(site.root) / ".htaccess").write_text(apache.make(site).inside[".htaccess"])
    modules = "\n".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES.split()
    )
    alias = f'Alias "{site.base_path}" "{site.root}"' if site.base_path else ""
    text = APACHE.format(home=home, port=port, modules=modules, root=site.root, alias=alias)
    (home / "apache.conf").write_text(text)
    readable(home)
    command = ["apache2", "-DFOREGROUND", "-f", str(home / "apache.conf")]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    yield from _until(server, port, home / "log")


def _until(server: subprocess.Popen[bytes], port: int, log: Path) -> Iterator[int]:
    try:
        eventually(lambda: listens(port) or server.poll() is not None, "the web server listens")
        assert server.poll() is None, log.read_text()
        yield port
    finally:
        server.terminate()
        server.wait(60)
