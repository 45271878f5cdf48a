"""Sign-in by other services: OAuth 2 and OpenID Connect, by Authlib. The only module that imports Authlib.

Each start has a `state` (RFC 6749, §10.12), a secret for PKCE (RFC 7636) and, with OpenID Connect, a `nonce`. They stay
in the session of who has started, so that nobody can be made to end what somebody else has begun.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.base_client import (  # type: ignore[import-untyped]
    BaseApp,
    FrameworkIntegration,
    OAuth2Mixin,
    OpenIDMixin,
)
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from werkzeug.exceptions import BadRequest, NotFound

from engine import g, redirect, request, session
from engine.errors import EngineError
from engine.ext.login.guards import NEXT
from engine.ext.private import keep_nowhere

PENDING = "_oauth"
MOST = 3
"""How many sign-ins one visitor may have begun: the session is a cookie."""
LONGEST = 500
"""Characters of an address to go on to."""
TIMEOUT = 10
"""Seconds that a service may take for one answer."""
SIGNED_BY = frozenset(
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
)
"""Signatures by a key that only the service has."""

log = logging.getLogger("engine.login")


class OAuthFailed(BadRequest):
    """A sign-in that did not come to its end. `reason` is OAuth's word for it, such as `access_denied`."""

    def __init__(self, reason: str, description: str) -> None:
        super().__init__(description)
        self.reason = reason


class Identity(NamedTuple):
    """Who a service says that the visitor is. `subject` is their id there, which stays, and `claims` all that it said.

    Know them again by `service` and `subject`; a mail address may come into other hands.
    """

    service: str
    subject: str
    claims: Mapping[str, Any]
    token: Mapping[str, Any]

    @property
    def email(self) -> str | None:
        """Their mail address, if the service has made sure that it is theirs."""
        return self.claims.get("email") if self.claims.get("email_verified") is True else None


class OAuth:
    """The services by which visitors of one site can sign in."""

    def __init__(self) -> None:
        self._services: dict[str, _Service] = {}

    def register(
        self,
        name: str,
        *,
        client_id: str,
        client_secret: str,
        issuer: str = "",
        authorize_url: str = "",
        token_url: str = "",
        userinfo_url: str = "",
        scope: str = "openid email profile",
        **options: Any,
    ) -> None:
        """Add a service: one of OpenID Connect by its `issuer`, which says all else, or one of OAuth 2 by three URLs.

        `options` are those of a client of Authlib. Raises `ValueError` where something is missing, or is not HTTPS.
        """
        urls = [issuer] if issuer else [authorize_url, token_url, userinfo_url]
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
                raise ValueError(
                    f"The service {name!r} needs an issuer, or three URLs, of HTTPS, not {url!r}."
                )
        if issuer and "openid" not in scope.split():
            raise ValueError(f"The scope of {name!r} must have openid, as it has an issuer.")
        client = {"scope": scope, "code_challenge_method": "S256", "default_timeout": TIMEOUT}
        self._services[name] = _Service(
            _Pending(name),
            name,
            issuer=issuer,
            client_id=client_id,
            client_secret=client_secret,
            authorize_url=authorize_url or None,
            access_token_url=token_url or None,
            userinfo_endpoint=userinfo_url or None,
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration" if issuer else None,
            client_kwargs=client | options.pop("client_kwargs", {}),
            **options,
        )

    def __iter__(self) -> Any:
        """The names of the services, in the order of their adding."""
        return iter(self._services)

    def start(self, name: str, back: str, **params: Any) -> Any:
        """The redirect to a service. `back` is the whole URL of the page that calls `finish`, as the service knows it.

        `params` go to the service too. Raises `NotFound` for a service that is not there, and `OAuthFailed`.
        """
        service = self._service(name)
        keep_nowhere()
        try:
            begun = service.create_authorization_url(back, **params)
        except Exception as error:
            raise _failed(name, error) from error
        wanted = request.args.get(NEXT, "")  # which `next_url` looks at; the session is a cookie
        data = {**begun, "redirect_uri": back, "next": wanted if len(wanted) <= LONGEST else ""}
        url, state = data.pop("url"), data.pop("state")
        service.framework.set_state_data(session, state, data)
        return redirect(url)

    def finish(self, name: str) -> Identity:
        """Who the visitor is, once the service has sent them back. Raises `NotFound` and `OAuthFailed`."""
        service = self._service(name)
        keep_nowhere()
        state = request.args.get("state", "")
        data = service.framework.get_state_data(session, state)
        service.framework.clear_state_data(session, state)
        if data is None:
            raise OAuthFailed("mismatching_state", "This sign-in was not begun here, or has ended already.")
        if reason := request.args.get("error"):
            raise OAuthFailed(reason[:100], "The service did not sign you in.")
        try:
            identity = service.identity(data)
        except Exception as error:
            raise _failed(name, error) from error
        g._login_next = data["next"]
        return identity

    def _service(self, name: str) -> _Service:
        if name not in self._services:
            raise NotFound()
        return self._services[name]


class _Pending(FrameworkIntegration):  # type: ignore[misc]
    """Where a sign-in that has begun is kept: in the session, the last few of them."""

    def get_state_data(self, session: Any, state: str) -> Any:
        data = session.get(PENDING, {}).get(state)
        return data if data and data["service"] == self.name else None

    def set_state_data(self, session: Any, state: str, data: Any) -> None:
        begun = {**session.get(PENDING, {}), state: {**data, "service": self.name}}
        session[PENDING] = dict(list(begun.items())[-MOST:])

    def clear_state_data(self, session: Any, state: str) -> None:
        if state in (begun := session.get(PENDING, {})):
            session[PENDING] = {key: value for key, value in begun.items() if key != state}

    def update_token(self, token: Any, refresh_token: Any = None, access_token: Any = None) -> None:
        """The site keeps tokens itself, if it wants to."""


class _Service(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    """One service. Authlib speaks with it; what is checked here is what Authlib leaves to its caller."""

    client_cls = OAuth2Session

    def __init__(self, *args: Any, issuer: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._issuer = issuer

    def load_server_metadata(self) -> Any:
        metadata = super().load_server_metadata()
        if self._issuer:
            if metadata.get("issuer") != self._issuer:  # OpenID Connect Discovery, §4.3
                metadata.pop("_loaded_at", None)
                raise EngineError(f"{self._issuer} calls itself {metadata.get('issuer')!r}")
            usual = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
            metadata["id_token_signing_alg_values_supported"] = [it for it in usual if it in SIGNED_BY]
        return metadata

    def identity(self, data: Mapping[str, Any]) -> Identity:
        """Who has come back with a code, by what was kept of the start."""
        self._check_origin(request.args.get("iss"))
        token = self.fetch_access_token(
            redirect_uri=data["redirect_uri"], code=request.args["code"], code_verifier=data["code_verifier"]
        )
        claims: dict[str, Any] = {}
        if self._issuer:
            wanted = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self.client_id},
            }
            claims = dict(self.parse_id_token(token, data["nonce"], claims_options=wanted) or {})
        if self.load_server_metadata().get("userinfo_endpoint"):
            more = dict(self.userinfo(token=token))
            if self._issuer and more.get("sub") != claims["sub"]:  # OpenID Connect Core, §5.3.2
                raise EngineError("the details are of somebody else")
            if claims.get("email", more.get("email")) != more.get("email"):
                more.pop("email_verified", None)  # which is said of another address
            claims = {**more, **claims}
        subject = claims["sub"] if "sub" in claims else claims["id"]
        return Identity(self.name, str(subject), claims, token)

    def _check_origin(self, issuer: str | None) -> None:
        """Refuse the answer of another issuer, and one that does not say whose it is where it should (RFC 9207)."""
        must = self.load_server_metadata().get("authorization_response_iss_parameter_supported")
        if self._issuer and (issuer or must) and issuer != self._issuer:
            raise EngineError(f"the answer is of {issuer!r}, not of {self._issuer}")


OF_SERVICE = (AuthlibBaseError, JoseError, requests.RequestException, EngineError)
"""What is raised where a service fails, or says what it must not."""


def _failed(name: str, error: Exception) -> Exception:
    """What to raise for an error of a service: its answers are no fault of the visitor, and not for their eyes."""
    if not isinstance(error, (*OF_SERVICE, LookupError, ValueError, TypeError)):
        return error
    trace = None if isinstance(error, OF_SERVICE) else error
    log.warning("signing in by %s failed: %s: %s", name, type(error).__name__, error, exc_info=trace)
    reason = getattr(error, "error", None)
    words = "Signing in by that service failed. Please try again."
    return OAuthFailed(reason if isinstance(reason, str) else "failed", words)
