"""What is done to members is a button each, and no form of fields: the token of the page is asked for here."""

from engine.ext.forms import require_csrf_token

before_request = require_csrf_token
