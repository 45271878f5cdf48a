"""Where the engine itself answers: a container, a service of systemd, a function of AWS Lambda.

Sources: docs.docker.com/reference/dockerfile; systemd.service(5), systemd.exec(5); docs.aws.amazon.com/lambda, "Lambda
function handler in Python"; pypi.org/project/apig-wsgi for what turns an event into a request.
"""

from __future__ import annotations

from engine.freeze.hosts.model import Deployment, Made

DOCKERFILE = """\
# docker build -t site . && docker run -p 8000:8000 -e ENGINE_SECRET_KEY site
# Nothing differs from `engine serve`, which answers everything. Written by engine.
FROM python:3.12-slim
RUN pip install --no-cache-dir "pages-engine[serve]" && useradd --create-home site
WORKDIR /srv/site
COPY . .
RUN engine check --hybrid
USER site
EXPOSE 8000
CMD ["engine", "serve", "--host", "0.0.0.0", "--port", "8000"]
"""
DOCKERIGNORE = """\
.git
.env
.venv
.engine
dist
instance
"""
UNIT = """\
# /etc/systemd/system/site.service. Nothing differs from `engine serve`. Written by engine.
# Put ENGINE_SECRET_KEY=… into /etc/site.env, which only root can read.
[Unit]
Description=@name
After=network.target

[Service]
User=site
WorkingDirectory=/srv/site
EnvironmentFile=-/etc/site.env
ExecStart=/srv/site/.venv/bin/engine serve --workers 2
Restart=on-failure
TimeoutStopSec=40
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=yes

[Install]
WantedBy=multi-user.target
"""
HANDLER = '''\
"""AWS Lambda behind an HTTP API or a function URL: `handler.handler` is the handler. Written by engine.

Not done by Lambda: answers of more than 6 MB, and streamed ones, which arrive at once.
"""

from apig_wsgi import make_lambda_handler

from engine import create_app

handler = make_lambda_handler(create_app("."), binary_support=True)
'''
REQUIREMENTS = """\
pages-engine
apig-wsgi>=2.18
"""


def docker(site: Deployment) -> Made:
    """A Dockerfile, and what it leaves out."""
    return Made(beside={"Dockerfile": DOCKERFILE, ".dockerignore": DOCKERIGNORE})


def systemd(site: Deployment) -> Made:
    """A unit, for `engine serve` alone or behind one of the web servers."""
    name = " ".join(site.name.split()).replace("%", "%%")
    return Made(beside={"site.service": UNIT.replace("@name", name)})


def aws_lambda(site: Deployment) -> Made:
    """A module with the handler, and what it needs."""
    return Made(beside={"handler.py": HANDLER, "requirements.txt": REQUIREMENTS})
