"""Only for those who look after the members. What they have looked at and done is noted."""

import logging

from engine import request
from engine.ext.login import current_user, login_required

log = logging.getLogger("ternlane.admin")
before_request = login_required.where(lambda member: member.is_admin)


def teardown_request(exception):
    ended = f"failed: {exception!r}" if exception else "done"
    log.info("%s %s by member %s: %s", request.method, request.path, current_user.id, ended)
