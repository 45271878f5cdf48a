"""Sign-in: who a visitor is, what they may see, passwords, and the defences around them."""

from __future__ import annotations

from engine.ext.login.attempts import Limits as Limits
from engine.ext.login.guards import bearer_user as bearer_user
from engine.ext.login.guards import count_attempt as count_attempt
from engine.ext.login.guards import fresh_login_required as fresh_login_required
from engine.ext.login.guards import login_required as login_required
from engine.ext.login.guards import next_url as next_url
from engine.ext.login.login import Login as Login
from engine.ext.login.passwords import Passwords as Passwords
from engine.ext.login.passwords import hash_password as hash_password
from engine.ext.login.passwords import is_outdated as is_outdated
from engine.ext.login.passwords import verify_password as verify_password
from engine.ext.login.tokens import user_of_token as user_of_token
from engine.ext.login.tokens import user_token as user_token
from engine.ext.login.visitor import current_user as current_user
from engine.ext.login.visitor import login_user as login_user
from engine.ext.login.visitor import logout_user as logout_user
from engine.ext.login.visitor import sign_in_client as sign_in_client
