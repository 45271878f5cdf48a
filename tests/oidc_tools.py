"""An issuer of OpenID Connect on a real socket, by Authlib's server. It can be told to lie."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "the-site", "the site's secret"
UNSIGNED = urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
ADA = {"sub": "ada-1815", "name": "Ada", "email": "ada@id.example", "email_verified": True}


class _Client(ClientMixin):  # type: ignore[misc]
    def __init__(self, back: str) -> None:
        self.back = back

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.back

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.back

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Code(SimpleNamespace, AuthorizationCodeMixin):  # type: ignore[misc]
    def get_redirect_uri(self) -> str:
        return str(self.redirect_uri)

    def get_scope(self) -> str:
        return str(self.scope)

    def get_nonce(self) -> Any:
        return self.nonce

    def get_auth_time(self) -> int:
        return 0

    def get_acr(self) -> str:
        return ""

    def get_amr(self) -> list[str]:
        return []


class Issuer:
    """What the issuer knows, and what it was asked. `lies` are claims in place of the true ones in its tokens."""

    def __init__(self) -> None:
        self.client = _Client("https://localhost/login/acme/back/")
        self.user: dict[str, Any] | None = dict(ADA)
        self.details: dict[str, Any] = dict(ADA)
        self.lies: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.answer: dict[str, str] = {}
        self.answers = True
        self.alg = "RS256"
        self.codes: dict[str, _Code] = {}
        self.tokens: set[str] = set()
        self.asked: list[str] = []
        self.url = ""
        self.rotate("first")

    def rotate(self, kid: str) -> None:
        """Sign by another key from now on."""
        self.key: Any = RSAKey.generate_key(2048, {"kid": kid})
        self.signing = self.key

    def forge(self, *, alg: str = "RS256") -> None:
        """Sign as somebody would who has not the key."""
        self.alg = alg
        if alg == "HS256":
            self.signing = OctKey.import_key(SECRET * 2, {"kid": self.key.kid})
        elif alg == "RS256":
            self.signing = RSAKey.generate_key(2048, {"kid": self.key.kid})


def authorization(app: flask.Flask, issuer: Issuer) -> AuthorizationServer:  # noqa: C901
    """Authlib's server, which wants PKCE and a nonce."""
    server = AuthorizationServer()
    server.init_app(
        app,
        lambda client_id: issuer.client if client_id == CLIENT else None,
        lambda token, request: issuer.tokens.add(token["access_token"]),
    )

    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            issuer.codes[code] = _Code(
                code=code,
                redirect_uri=request.payload.redirect_uri,
                scope=request.payload.scope,
                nonce=data.get("nonce"),
                code_challenge=data.get("code_challenge"),
                code_challenge_method=data.get("code_challenge_method"),
            )

        def query_authorization_code(self, code: str, client: Any) -> Any:
            return issuer.codes.get(code)

        def delete_authorization_code(self, authorization_code: Any) -> None:
            issuer.codes.pop(authorization_code.code, None)

        def authenticate_user(self, authorization_code: Any) -> Any:
            return issuer.user

    class Tokens(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def resolve_client_private_key(self, client: Any) -> Any:
            return issuer.signing

        def get_client_algorithm(self, client: Any) -> str:
            return "RS256" if issuer.alg == "none" else issuer.alg

        def get_encode_header(self, client: Any) -> dict[str, str]:
            return {"alg": self.get_client_algorithm(client), "kid": issuer.key.kid}

        def encode_id_token(self, token: Any, request: Any) -> str:
            signed: str = super().encode_id_token(token, request)
            if issuer.alg != "none":
                return signed
            return f"{UNSIGNED}.{signed.split('.')[1]}."

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return {"iss": issuer.url}

        def generate_user_info(self, user: Any, scope: str) -> dict[str, Any]:
            return {**user, **issuer.lies}

    challenge = CodeChallenge(required=True)
    challenge.SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]
    server.register_grant(Grant, [Tokens(require_nonce=True), challenge])
    return server


def application(issuer: Issuer) -> flask.Flask:
    """The addresses of an issuer."""
    app = flask.Flask(__name__)
    server = authorization(app, issuer)

    @app.before_request
    def note() -> None:
        issuer.asked.append(flask.request.path)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer.url,
            "authorization_endpoint": f"{issuer.url}/authorize",
            "token_endpoint": f"{issuer.url}/token",
            "userinfo_endpoint": f"{issuer.url}/userinfo",
            "jwks_uri": f"{issuer.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **issuer.metadata,
        }

    @app.get("/keys")
    def keys() -> Any:
        return KeySet([issuer.key]).as_dict(private=False)

    @app.get("/authorize")
    def authorize() -> Any:
        if issuer.answer:
            said = {"state": flask.request.args["state"], **issuer.answer}
            return flask.redirect(f"{issuer.client.back}?{urlencode(said)}")
        grant = server.get_consent_grant(end_user=issuer.user)
        return server.create_authorization_response(grant_user=issuer.user, grant=grant)

    @app.post("/token")
    def token() -> Any:
        if not issuer.answers:
            flask.abort(503)
        return server.create_token_response()

    @app.get("/userinfo")
    def userinfo() -> Any:
        token = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
        return issuer.details if token in issuer.tokens else ({"error": "invalid_token"}, 401)

    return app


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """An issuer that answers at its `url` until the end of the block."""
    issuer = Issuer()
    server = make_server("127.0.0.1", 0, application(issuer), threaded=True)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
