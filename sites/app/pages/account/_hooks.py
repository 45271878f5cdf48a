"""Only for members."""

from engine.ext.login import login_required

before_request = login_required
