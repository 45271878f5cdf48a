"""Sessions in a signed cookie. The only module that reads and writes the session's cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from werkzeug.http import dump_cookie
from werkzeug.sansio.http import parse_cookie

from engine.errors import EngineError
from engine.http.conditional import Environ
from engine.http.json import decode_session, encode_session
from engine.http.outgoing import Response
from engine.http.signing import Signer

LARGEST = 4093  # bytes of a cookie with its attributes that every browser keeps
KEY_HELP = (
    "The session, and what is signed for visitors, need a secret key. "
    'Make one by `python -c "import secrets; print(secrets.token_hex())"` and set it as ENGINE_SECRET_KEY.'
)


class Session(dict[str, Any]):
    """What the server remembers of a visitor, kept in a signed cookie that the visitor can read.

    `modified` is set by every change of the session itself; set it by hand after changing a list inside.
    `accessed` says that a page asked for the session, `new` that the visitor brought none that was valid.
    """

    new = True
    modified = False
    accessed = False
    age = 0
    """The age of the cookie in seconds."""
    flashes: list[tuple[str, str]] | None = None
    """The messages that this request took out, to be shown again if it asks again."""
    id: str = ""
    """The name of what the server keeps, where it keeps sessions; empty for a new one."""
    rotated = False
    adrift = False
    """Whether the server could not look for what it keeps."""

    def rotate(self) -> None:
        """Give the session another id, and let nobody in by the old one: for when a visitor has signed in.

        A session that is kept in the cookie has no id; its cookie is signed anew.
        """
        self.rotated = self.modified = True

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser's session, for `SessionSettings.lifetime`."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)

    def __setitem__(self, key: str, value: Any) -> None:
        self.modified = True
        dict.__setitem__(self, key, value)  # `super()` would take longer than it does

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.modified = True

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]
        self.update(other)
        return self

    def clear(self) -> None:
        self.modified = True
        super().clear()

    def pop(self, key: str, *default: Any) -> Any:
        self.modified = self.modified or key in self
        return super().pop(key, *default)

    def popitem(self) -> tuple[str, Any]:
        item = super().popitem()
        self.modified = True
        return item

    def setdefault(self, key: str, default: Any = None) -> Any:
        self.modified = self.modified or key not in self
        return super().setdefault(key, default)

    def update(self, *values: Any, **named: Any) -> None:
        self.modified = True
        super().update(*values, **named)


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How the session's cookie is signed and sent.

    `fallbacks` are older keys, which still open what they signed. `lifetime` is in seconds: no token is taken
    that is older, and the cookie of a permanent session is kept as long.
    """

    secret_key: str | bytes = ""
    fallbacks: tuple[str | bytes, ...] = ()
    cookie_name: str = "session"
    path: str = "/"
    domain: str | None = None
    secure: bool = False
    httponly: bool = True
    samesite: str | None = "Lax"
    partitioned: bool = False
    lifetime: int = 31 * 24 * 3600

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the cookie, as Werkzeug's `set_cookie` takes them."""
        names = ("path", "domain", "secure", "httponly", "samesite", "partitioned")
        return {name: getattr(self, name) for name in names}


class SessionStore:
    """Opens and saves the sessions of one site. Raises `ValueError` for settings that make no cookie."""

    def __init__(self, settings: SessionSettings, salt: bytes = b"cookie-session") -> None:
        self.settings = settings
        self._signer: Signer | None = None
        if settings.secret_key:
            keys = (settings.secret_key, *settings.fallbacks)
            self._signer = Signer(keys, salt)
        empty = dump_cookie(settings.cookie_name, **settings.attributes)
        self._start = f"{settings.cookie_name}="
        self._end = empty.removeprefix(self._start)

    def signer(self, purpose: str) -> Signer:
        """What signs other tokens of the site, each kind for a purpose of its own.

        Raises `EngineError` where the site has no secret key.
        """
        self._key()
        keys = (self.settings.secret_key, *self.settings.fallbacks)
        return Signer(keys, b"engine.signer:" + purpose.encode())

    def load(self, environ: Environ) -> Session:
        """The session that the request brings; a new one where it brings none that is ours and in time.

        Raises `EngineError` where the site has no secret key.
        """
        self._key()
        token = _cookie(environ.get("HTTP_COOKIE"), self.settings.cookie_name)
        if not token:
            return Session()
        try:
            session = self._opened(token)
        except ValueError:  # which `BadToken` is
            return Session()
        session.new = False
        return session

    def _opened(self, token: str) -> Session:
        """The session of a token. Raises `ValueError` for one that is not ours, or too old."""
        payload, age = self._key().loads(token, self.settings.lifetime)
        session = Session(decode_session(payload))
        session.age = age
        return session

    def _token(self, session: Session) -> str | None:
        """What the cookie holds for a session; `None` where there is none to send."""
        return self._key().dumps(self._encoded(session))

    def _encoded(self, session: Session) -> bytes:
        return encode_session(session)

    def _forget(self, session: Session) -> None:
        """Note that the visitor has emptied a session."""

    def save(self, session: Session, response: Response) -> None:
        """Put what must be sent of `session` into `response`.

        A changed session is sent, an emptied one deleted; a permanent one that was read is sent anew once a
        tenth of its lifetime is over. Raises `EngineError` for one that browsers would drop as too large.
        """
        if session.accessed or session.modified:
            _vary(response)
        if session.modified and not session:
            self._forget(session)
            response.delete_cookie(self.settings.cookie_name, **self.settings.attributes)
        elif (session.modified or self._is_late(session)) and (cookie := self._cookie(session)):
            response.add_header("Set-Cookie", cookie)
        elif session.rotated:  # it could not be kept, and nobody shall come in by the old cookie again
            response.delete_cookie(self.settings.cookie_name, **self.settings.attributes)

    def _is_late(self, session: Session) -> bool:
        return session.accessed and session.permanent and session.age * 10 > self.settings.lifetime

    def _cookie(self, session: Session) -> str | None:
        try:
            token = self._token(session)
        except (TypeError, ValueError) as error:
            raise EngineError(
                f"The session holds what a cookie cannot: {error}. Keep an id instead."
            ) from None
        if token is None:
            return None
        cookie = f"{self._start}{token}{self._end}"
        if session.permanent:
            name, lifetime = self.settings.cookie_name, self.settings.lifetime
            cookie = dump_cookie(name, token, max_age=lifetime, max_size=0, **self.settings.attributes)
        if len(cookie) > LARGEST:
            raise EngineError(
                f"The session's cookie would be {len(cookie)} bytes; browsers drop more than {LARGEST}. "
                "Keep the data on the server and store an id in the session."
            )
        return cookie

    def _key(self) -> Signer:
        if self._signer is None:
            raise EngineError(KEY_HELP)
        return self._signer


def _vary(response: Response) -> None:
    known = [] if response.is_untouched else response.headers.getlist("Vary")
    if not known:
        response.add_header("Vary", "Cookie")
    elif not {"cookie", "*"} & {name.strip().lower() for name in ",".join(known).split(",")}:
        response.headers["Vary"] = ", ".join([*known, "Cookie"])


def _cookie(header: str | None, name: str) -> str | None:
    """The first cookie called `name`, found without parsing the others where the header is plain."""
    if not header:
        return None
    at = header.find(f"{name}=")
    if at < 0 and name not in header:
        return None
    if (at == 0 or (at > 1 and header[at - 2 : at] == "; ")) and '"' not in header:
        value = header[at + len(name) + 1 :].partition(";")[0]
        if value.isascii() and " " not in value and "\t" not in value:
            return value
    return parse_cookie(header).get(name)
