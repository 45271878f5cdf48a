"""The words that a page's code says to the application that answers: URLs, templates, flashed messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, overload

from engine.http.context import here
from engine.http.signing import Signer
from engine.http.streaming import stream_with_context
from engine.signals import message_flashed


def url_for(
    id: str,
    /,
    *,
    _anchor: str | None = None,
    _external: bool = False,
    _query: Mapping[str, Any] | None = None,
    **params: Any,
) -> str:
    """The URL of the route `id`, such as `/blog/[slug]`, with its parameters.

    `_anchor` is a fragment, `_query` the query string, `_external` asks for a whole URL.
    Raises `UnknownRoute` and `BadParams`.
    """
    return here("url_for").app.url_for(id, _anchor=_anchor, _external=_external, _query=_query, **params)


def render_template(template: str | Sequence[str], /, **variables: Any) -> str:
    """The template of that name, filled with `variables`; of several names the first that is there.

    Raises `SiteError`.
    """
    return here("render_template").app.templates.render(template, variables)


def render_template_string(source: str, /, **variables: Any) -> str:
    """The text of a template, filled with `variables`. Raises `SiteError`."""
    return here("render_template_string").app.templates.render_text(source, variables)


def render_block(template: str, block: str, /, **variables: Any) -> str:
    """One `{% block %}` of the template of that name and nothing around it, as for a page that swaps parts of itself.

    What the template sets or imports outside of the block does not exist in it. Raises `SiteError`.
    """
    return here("render_block").app.templates.render_block(template, block, variables)


def stream_template(template: str | Sequence[str], /, **variables: Any) -> Iterator[str]:
    """The template of that name, or the first that is there of several, sent while it is filled with `variables`.

    What fails then has no error page.
    """
    return stream_with_context(here("stream_template").app.templates.stream(template, variables))


def stream_template_string(source: str, /, **variables: Any) -> Iterator[str]:
    """The text of a template, sent while it is filled with `variables`."""
    return stream_with_context(here("stream_template_string").app.templates.stream_text(source, variables))


def signer(purpose: str) -> Signer:
    """What signs and dates tokens by the secret key of the site, and opens them: for links in mails, and cookies.

    A token for one `purpose` is none for another. Raises `EngineError` where the site has no secret key.
    """
    return here("signer").app.session_store.signer(purpose)


def flash(message: str, category: str = "message") -> None:
    """Keep `message` in the session for the next page that asks by `get_flashed_messages`."""
    context = here("flash")
    session = context.session
    session["_flashes"] = [*session.get("_flashes", []), (category, message)]
    if message_flashed.receivers:
        message_flashed.send(context.app, message=message, category=category)


@overload
def get_flashed_messages(
    with_categories: Literal[False] = False, category_filter: Collection[str] = ()
) -> list[str]: ...
@overload
def get_flashed_messages(
    with_categories: Literal[True], category_filter: Collection[str] = ()
) -> list[tuple[str, str]]: ...
@overload
def get_flashed_messages(
    with_categories: bool = False, category_filter: Collection[str] = ()
) -> list[str] | list[tuple[str, str]]: ...
def get_flashed_messages(
    with_categories: bool = False, category_filter: Collection[str] = ()
) -> list[str] | list[tuple[str, str]]:
    """The flashed messages, taken out of the session; asked again in the same request, they are the same.

    `category_filter` keeps those of the named categories; `with_categories` gives `(category, message)`.
    """
    session = here("get_flashed_messages").session
    if session.flashes is None:
        session.flashes = [(category, text) for category, text in session.pop("_flashes", [])]
    found = [item for item in session.flashes if not category_filter or item[0] in category_filter]
    return found if with_categories else [message for _, message in found]
