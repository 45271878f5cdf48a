"""Sign in by another service: the visitor is sent there."""

from engine import url_for
from members import login


def get(service):
    back = url_for("/login/[service]/back", service=service, _external=True)
    return login.oauth.start(service, back)
