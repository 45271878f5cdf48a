"""What is posted, for the frameworks that know pydantic."""

from typing import Annotated

from pydantic import BaseModel, Field


class Author(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    email: str


class NewPost(BaseModel):
    title: Annotated[str, Field(min_length=1, max_length=200)]
    tags: list[str] = []
    score: Annotated[float, Field(ge=0, le=5)]
    author: Author


class Post(NewPost):
    id: int
