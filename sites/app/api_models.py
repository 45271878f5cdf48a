"""What the API takes and gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

import notices
from engine.ext.api import Invalid
from models import LONGEST

WORDS = r"^[^\x00]*[^\s\x00][^\x00]*$"
"""Not only spaces, and no NUL, which PostgreSQL takes in no text. Forms drop it by themselves."""
Title = Annotated[str, Field(min_length=1, max_length=120, pattern=WORDS)]
Body = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=WORDS, description="Markdown")]


def with_zone(moment: datetime) -> datetime:
    """A moment of the database, which is in UTC without saying so."""
    return moment.replace(tzinfo=UTC)


class NewNotice(BaseModel):
    title: Title
    body: Body


def check_links(notice: NewNotice) -> None:
    """Answer 422 for a text that links to a notice that is not there, which no schema can say."""
    if dead := notices.dead_links(notice.body):
        raise Invalid.at("/body", f"It links to the notice {dead[0]}, which is not there")


class Author(BaseModel):
    id: int
    name: str
    plot: int | None


class Notice(NewNotice):
    id: int
    created: Annotated[AwareDatetime, BeforeValidator(with_zone)]
    author: Author
