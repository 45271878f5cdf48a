"""Only for those who look after the members."""

from engine.ext.login import login_required

before_request = login_required.where(lambda member: member.is_admin)
