"""Sessions: what their cookie holds, and when it is sent."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import itsdangerous
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.sansio.http import parse_cookie

from engine.errors import EngineError
from engine.http import session as session_module
from engine.http.json import decode_session, encode_session
from engine.http.outgoing import Response
from engine.http.session import Session, SessionSettings, SessionStore
from engine.http.signing import BadToken, Signer

KEY = "a secret key"
MONTH = 31 * 24 * 3600


def dangerous(key: str = KEY) -> URLSafeTimedSerializer:
    """The serializer that Flask makes for its sessions, without its tags."""
    return URLSafeTimedSerializer(
        key, salt="cookie-session", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1}
    )


def store(**settings: Any) -> SessionStore:
    return SessionStore(SessionSettings(**{"secret_key": KEY, **settings}))


def saved(session: Session, sessions: SessionStore | None = None) -> Response:
    response = Response("x")
    (sessions or store()).save(session, response)
    return response


def cookie(response: Response) -> str | None:
    """The cookies that a browser would send back."""
    return "; ".join(value.partition(";")[0] for value in response.headers.getlist("Set-Cookie")) or None


def opened(header: str | None, sessions: SessionStore | None = None) -> Session:
    return (sessions or store()).load({} if header is None else {"HTTP_COOKIE": header})


def token_of(header: str | None) -> str:
    assert header is not None
    return header.partition("=")[2]


# -- the tokens

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(st.text(min_size=1, max_size=5), json_values, min_size=1, max_size=4)


@given(mappings)
def test_values_come_back_as_they_were(values: dict[str, Any]) -> None:
    assert decode_session(encode_session(values)) == values


@pytest.mark.long
@given(
    st.dictionaries(
        st.text(st.sampled_from("abcé"), min_size=1), json_values.filter(lambda v: " " not in str(v))
    )
)
def test_tokens_pass_between_itsdangerous_and_us(values: dict[str, Any]) -> None:
    ours = Signer([KEY], b"cookie-session")
    assert dangerous().loads(ours.dumps(encode_session(values)), max_age=60) == values
    assert decode_session(ours.loads(dangerous().dumps(values), 60).payload) == values


def test_a_long_payload_is_compressed_and_still_read_by_both() -> None:
    values = {"words": "the same words " * 200}
    token = Signer([KEY], b"cookie-session").dumps(encode_session(values))
    assert token.startswith(".")
    assert len(token) < 200
    assert dangerous().loads(token) == values
    assert opened(f"session={dangerous().dumps(values)}") == values


@given(st.data())
def test_a_token_that_was_changed_anywhere_is_bad(data: st.DataObject) -> None:
    token = Signer([KEY], b"cookie-session").dumps(b'{"a":1}')
    at = data.draw(st.integers(0, len(token) - 1))
    changed = token[:at] + data.draw(st.sampled_from("aZ0-_.=é\0")) + token[at + 1 :]
    if changed != token:
        with pytest.raises(BadToken):
            Signer([KEY], b"cookie-session").loads(changed, 60)


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b.c", "é", "a" * 5000, "eyJhIjoxfQ.", "\ud800"])
def test_what_is_no_token_is_bad(token: str) -> None:
    with pytest.raises(BadToken):
        Signer([KEY], b"cookie-session").loads(token, 60)


def test_a_signed_token_whose_inside_is_broken_is_bad() -> None:
    plain = itsdangerous.Signer(KEY, salt="cookie-session", key_derivation="hmac", digest_method=hashlib.sha1)
    dated = dangerous().make_signer("cookie-session")
    heads = (b"!.!", b".eJw.aaaa", b"e30.", b"e30", b"a.b", b"e30.//////////////////////////8")
    tokens = [plain.sign(head) for head in heads] + [
        dated.sign(payload) for payload in (b"e", b".eJw", b".e30")
    ]
    for token in tokens:
        with pytest.raises(BadToken):
            Signer([KEY], b"cookie-session").loads(token.decode(), MONTH)


def test_a_token_for_one_purpose_is_none_for_another() -> None:
    token = Signer([KEY], b"reset-password").dumps(b"{}")
    with pytest.raises(BadToken):
        Signer([KEY], b"cookie-session").loads(token, 60)


@pytest.mark.parametrize(
    ("age", "good"), [(0, True), (59, True), (60, True), (61, False), (-5, True), (-60, False)]
)
def test_a_token_lives_as_long_as_it_may(age: int, good: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    signer, now = Signer([KEY], b"x"), time.time()
    token = signer.dumps(b"{}")
    monkeypatch.setattr(time, "time", lambda: now + age)
    if good:
        assert signer.loads(token, 60).payload == b"{}"
    else:
        with pytest.raises(BadToken):
            signer.loads(token, 60)


# -- the values

TYPED = {
    "tuple": (1, (2, "x")),
    "bytes": b"\xff\0",
    "markup": Markup("<b>"),
    "uuid": UUID(int=5),
    "time": datetime(2024, 5, 1, 12, 30, 59, tzinfo=UTC),
    "nested": [{"a": (b"x",)}],
    "like a tag": {" t": [1]},
    "like a tag of a tag": {" di": {" t__": 1}},
}


@pytest.mark.parametrize("name", TYPED)
def test_a_session_keeps_the_types_of_its_values(name: str) -> None:
    session = Session()
    session["value"] = TYPED[name]
    found = opened(cookie(saved(session)))["value"]
    assert found == TYPED[name]
    assert type(found) is type(TYPED[name])


def test_the_tags_are_flasks() -> None:
    values = {
        "t": (1,),
        "b": b"a",
        "m": Markup("<b>"),
        "u": UUID(int=5),
        "d": datetime(2024, 5, 1, tzinfo=UTC),
    }
    assert encode_session(values | {"x": {" t": 1}}) == (
        b'{"t":{" t":[1]},"b":{" b":"YQ=="},"m":{" m":"<b>"},"u":{" u":"00000000000000000000000000000005"},'
        b'"d":{" d":"Wed, 01 May 2024 00:00:00 GMT"},"x":{" di":{" t__":1}}}'
    )


@pytest.mark.parametrize("value", [object(), {1}, float("nan"), 1j])
def test_a_value_that_a_cookie_cannot_hold_is_an_error_that_says_so(value: Any) -> None:
    session = Session()
    session["value"] = value
    with pytest.raises(EngineError, match="holds what a cookie cannot"):
        saved(session)


@pytest.mark.parametrize(
    "payload", [b"[]", b"null", b"1", b"\xff", b'{" u":"x"}', b'{"a":{" b":1}}', b'{"a":{" di":1}}']
)
def test_a_signed_cookie_that_is_no_session_makes_a_new_one(payload: bytes) -> None:
    session = opened("session=" + Signer([KEY], b"cookie-session").dumps(payload))
    assert (session, session.new) == ({}, True)


# -- the session as a mapping

MUTATORS: dict[str, Callable[[Session], Any]] = {
    "setitem": lambda s: s.__setitem__("a", 2),
    "delitem": lambda s: s.__delitem__("a"),
    "clear": lambda s: s.clear(),
    "pop": lambda s: s.pop("a"),
    "popitem": lambda s: s.popitem(),
    "setdefault": lambda s: s.setdefault("b", 1),
    "update": lambda s: s.update(a=2),
    "update with a mapping": lambda s: s.update({"a": 2}),
    "ior": lambda s: s.__ior__({"b": 1}),
    "permanent": lambda s: setattr(s, "permanent", True),
}
READERS: dict[str, Callable[[Session], Any]] = {
    "getitem": lambda s: s["a"],
    "get": lambda s: s.get("a"),
    "in": lambda s: "a" in s,
    "len": len,
    "iter": list,
    "keys": lambda s: s.keys(),
    "values": lambda s: s.values(),
    "items": lambda s: s.items(),
    "bool": bool,
    "repr": repr,
    "eq": lambda s: s == {},
    "or": lambda s: s | {},
    "copy": lambda s: s.copy(),
    "pop of nothing": lambda s: s.pop("nothing", None),
    "setdefault of something": lambda s: s.setdefault("a", 5),
    "permanent": lambda s: s.permanent,
}


@pytest.mark.parametrize("name", MUTATORS)
def test_every_change_is_noticed(name: str) -> None:
    session = Session({"a": 1})
    assert not session.modified
    MUTATORS[name](session)
    assert session.modified
    assert saved(session).headers["Vary"] == "Cookie"


def test_no_mutator_of_a_mapping_is_forgotten() -> None:
    mutators = {"__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"}
    assert mutators <= set(vars(Session))
    readers = set(dir(dict)) - set(dir(object)) - mutators
    assert readers == {
        *(
            "__class_getitem__",
            "__contains__",
            "__getitem__",
            "__iter__",
            "__len__",
            "__or__",
            "__reversed__",
            "__ror__",
        ),
        *("copy", "fromkeys", "get", "items", "keys", "values"),
    }


@pytest.mark.parametrize("name", READERS)
def test_reading_is_no_change(name: str) -> None:
    session = Session({"a": 1})
    READERS[name](session)
    assert not session.modified


def test_a_failed_change_is_no_change() -> None:
    session = Session({})
    for attempt in (lambda: session.__delitem__("a"), lambda: session.pop("a"), session.popitem):
        with pytest.raises(KeyError):
            attempt()
    assert not session.modified


# -- the cookie


def test_an_untouched_session_sends_nothing() -> None:
    response = saved(Session({"a": 1}))
    assert "Set-Cookie" not in response.headers
    assert "Vary" not in response.headers


def test_a_session_that_was_read_varies_by_cookie_and_sends_nothing() -> None:
    session = Session({"a": 1})
    session.accessed = True
    response = saved(session)
    assert "Set-Cookie" not in response.headers
    assert response.headers["Vary"] == "Cookie"


def test_a_changed_session_comes_back() -> None:
    session = opened(None)
    assert (session, session.new) == ({}, True)
    session["n"] = 1
    again = opened(cookie(saved(session)))
    assert (again, again.new, again.modified) == ({"n": 1}, False, False)


def test_the_cookie_has_the_attributes_that_were_set() -> None:
    session = Session()
    session["a"] = 1
    assert saved(session).headers["Set-Cookie"].endswith("; HttpOnly; Path=/; SameSite=Lax")
    settings = {
        "secure": True,
        "domain": "example.org",
        "path": "/app",
        "samesite": "Strict",
        "partitioned": True,
    }
    sent = saved(session, store(cookie_name="id", **settings)).headers["Set-Cookie"]
    assert sent.startswith("id=")
    assert sent.endswith("; Domain=example.org; Secure; HttpOnly; Path=/app; SameSite=Strict; Partitioned")


def test_a_permanent_session_outlives_the_browser() -> None:
    session = Session()
    session.permanent = True
    sent = saved(session).headers["Set-Cookie"]
    assert f"Max-Age={MONTH}" in sent
    assert "Expires=" in sent
    assert opened(cookie(saved(session))).permanent


@pytest.mark.parametrize(("days", "sent"), [(0, False), (3, False), (4, True), (31, True)])
def test_a_permanent_session_that_is_used_is_renewed_in_time(
    days: int, sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session()
    session.permanent = True
    header, now = cookie(saved(session)), time.time()
    monkeypatch.setattr(time, "time", lambda: now + days * 24 * 3600)
    again = opened(header)
    assert again.permanent
    assert "Set-Cookie" not in saved(again).headers
    again.accessed = True
    assert ("Set-Cookie" in saved(again).headers) is sent


def test_an_expired_session_is_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    session["a"] = 1
    header, now = cookie(saved(session)), time.time()
    monkeypatch.setattr(time, "time", lambda: now + MONTH + 2)
    assert opened(header) == {}


def test_an_emptied_session_is_deleted_where_it_was_set() -> None:
    sessions = store(path="/app", domain="example.org", secure=True)
    session = Session({"a": 1})
    session.clear()
    sent = saved(session, sessions).headers["Set-Cookie"]
    assert sent.startswith("session=;")
    for part in (
        "Expires=Thu, 01 Jan 1970",
        "Max-Age=0",
        "Path=/app",
        "Domain=example.org",
        "Secure",
        "HttpOnly",
    ):
        assert part in sent


@pytest.mark.parametrize(
    ("vary", "expected"),
    [("Accept", "Accept, Cookie"), ("cookie", "cookie"), ("*", "*"), ("X-Cookie", "X-Cookie, Cookie")],
)
def test_vary_is_added_to_what_varies_already(vary: str, expected: str) -> None:
    response = Response("x", headers={"Vary": vary})
    session = Session()
    session["a"] = 1
    store().save(session, response)
    assert response.headers.getlist("Vary") == [expected]


@pytest.mark.parametrize("looks", [False, True])
def test_a_session_is_sent_whether_or_not_somebody_looked_at_the_headers(
    looks: bool, wire: Any, environ: Any
) -> None:
    response, session = Response.quick(b"x", "text/plain"), Session()
    if looks:
        assert "Vary" not in response.headers
    session["a"] = 1
    store().save(session, response)
    store().save(session, response)
    sent = wire(response, environ())
    assert [name for name, _ in sent.headers] == [
        *("Content-Type", "Content-Length", "Vary", "Set-Cookie", "Set-Cookie")
    ]
    assert sent["Vary"] == "Cookie"
    assert opened(cookie(response)) == {"a": 1}


def test_a_cookie_may_be_as_large_as_browsers_keep_and_no_larger() -> None:
    def sized(length: int) -> Session:
        session = Session()
        session["a"] = Random(1).randbytes(length)
        return session

    largest = 0
    for length in range(1500, 3500):
        try:
            sent = saved(sized(length)).headers["Set-Cookie"]
        except EngineError as error:
            assert "browsers drop more than 4093" in str(error)
            break
        largest = max(largest, len(sent))
    else:
        pytest.fail("no cookie was too large")
    assert 4080 <= largest <= 4093


# -- keys


def test_without_a_key_the_session_says_how_to_make_one() -> None:
    with pytest.raises(EngineError, match=r"python -c .import secrets; print\(secrets.token_hex\(\)\)"):
        opened(None, SessionStore(SessionSettings()))


def test_an_older_key_still_opens_what_it_signed_and_no_longer_signs() -> None:
    before, after = store(secret_key="old"), store(secret_key="new", fallbacks=("older", "old"))
    session = Session()
    session["a"] = 1
    header = cookie(saved(session, before))
    again = opened(header, after)
    assert again == {"a": 1}
    again["b"] = 2
    token = token_of(cookie(saved(again, after)))
    assert dangerous("new").loads(token) == {"a": 1, "b": 2}
    with pytest.raises(BadSignature):
        dangerous("old").loads(token)
    assert opened(header, store(secret_key="new")) == {}


@pytest.mark.parametrize("settings", [{"samesite": "Loose"}])
def test_settings_that_make_no_cookie_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        store(**settings)


# -- finding the cookie among others


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("session=GOOD", True),
        ("a=b; session=GOOD; c=d", True),
        ("a=b;session=GOOD;c=d", True),
        ("xsession=1; session=GOOD", True),
        ("session2=1; session=GOOD", True),
        ("session=GOOD; session=other", True),
        ('session="GOOD"', True),
        ('a="x; session=evil"; session=GOOD', True),
        ("  session = GOOD ", True),
        ("session=other; session=GOOD", False),
        ("xsession=GOOD", False),
        ("=session=GOOD", False),
        ("a=session=GOOD", False),
        ('a="; session=GOOD"', False),
        ("session=GOOD x", False),
        ("session=", False),
        ("session", False),
        ("session=\xff", False),
        ("", False),
    ],
)
def test_the_session_is_found_among_other_cookies(header: str, found: bool) -> None:
    token = Signer([KEY], b"cookie-session").dumps(b'{"a":1}')
    assert opened(header.replace("GOOD", token)) == ({"a": 1} if found else {})


@given(st.text(st.sampled_from('ab=; \t"\\,é'), max_size=24).map(lambda text: text.replace("a", "id")))
def test_a_cookie_is_found_as_werkzeug_finds_it(header: str) -> None:
    found = session_module._cookie(header, "id")
    assert (found or "") == (parse_cookie(header).get("id") or "")
