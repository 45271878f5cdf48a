"""Sessions that the server keeps: the cookie holds a signed random id, and the store all else."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Protocol

from engine.errors import EngineError
from engine.http.json import decode_session
from engine.http.session import Session, SessionSettings, SessionStore

SALT = b"server-session"


class Shelf(Protocol):
    """Where sessions are. Nothing is raised where it cannot be reached."""

    def read(self, id: str) -> tuple[bytes | None] | None:
        """What is there under an id, if anything; `None` where nobody knows."""

    def write(self, id: str, data: bytes, seconds: int, *, new: bool) -> bool:
        """Keep it for so long, and say whether that was done. Unless it is `new`, only where the id is still there."""

    def delete(self, id: str) -> None:
        """Forget it."""


class ServerSessions(SessionStore):
    """Opens and saves the sessions of one site on a shelf. A session that was deleted meanwhile stays so."""

    def __init__(self, settings: SessionSettings, shelf: Shelf) -> None:
        super().__init__(settings, SALT)
        self._shelf = shelf

    def _opened(self, token: str) -> Session:
        payload, age = self._key().loads(token, self.settings.lifetime)
        id = payload.decode("ascii")
        found = self._shelf.read(id)
        if found is None:
            session = Session()
            session.adrift = True
            return session
        if found[0] is None:
            raise ValueError("a session that is over")
        session = Session(decode_session(found[0]))
        session.id, session.age = id, age
        return session

    def _token(self, session: Session) -> str | None:
        if session.adrift:
            return None  # what the visitor has may still be there, once the shelf is
        data, before = self._encoded(session), session.id
        new = session.rotated or not before
        if new:
            session.id = token_urlsafe(24)
        if not self._shelf.write(session.id, data, self.settings.lifetime, new=new):
            return None
        session.rotated = False
        if new and before:
            self._shelf.delete(before)
        return self._key().dumps(session.id.encode())

    def _forget(self, session: Session) -> None:
        if session.id:
            self._shelf.delete(session.id)

    def _encoded(self, session: Session) -> bytes:
        try:
            return super()._encoded(session)
        except (TypeError, ValueError) as error:
            raise EngineError(
                f"The session holds what cannot be kept: {error}. Keep an id instead."
            ) from None
