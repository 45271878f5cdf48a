"""What the models of a site have in common: names for tables and constraints, and how choices are stored."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, ClassVar, Literal

from sqlalchemy import Enum, MetaData, inspect
from sqlalchemy.orm import DeclarativeBase, DeclarativeBaseNoMeta, declared_attr, has_inherited_table

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""What constraints are called: a migration can only change one that has a name, which SQLite gives to none."""
CHOICES = {kind: Enum(enum.Enum, native_enum=False) for kind in (enum.Enum, Literal)}
"""As text everywhere: of a type of PostgreSQL's own Alembic writes migrations that make it once too often, or never."""
WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins in `BlogPost` and `HTTPError`."""


class Model:
    """To be mixed into the base of a site's models: `class Base(Model, DeclarativeBase)`.

    Constraints get names. A table has that of its class, as `blog_post` of `BlogPost`, or what `__tablename__` says.
    """

    metadata: ClassVar[MetaData]
    type_annotation_map: ClassVar[dict[Any, Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        is_base = not {DeclarativeBase, DeclarativeBaseNoMeta}.isdisjoint(cls.__bases__)
        if is_base and "metadata" not in vars(cls):
            cls.metadata = MetaData(naming_convention=NAMES)
        if is_base and "registry" not in vars(cls):  # which has a map of its own
            cls.type_annotation_map = {**CHOICES, **vars(cls).get("type_annotation_map", {})}
        super().__init_subclass__(**options)

    @declared_attr.directive
    def __tablename__(cls: Any) -> str | None:
        # A model that inherits from another one shares its table, unless it names one of its own.
        return None if has_inherited_table(cls) else WORDS.sub("_", cls.__name__).lower()

    def __repr__(self) -> str:
        identity = inspect(self, raiseerr=True).identity
        return f"<{type(self).__name__} {', '.join(map(repr, identity)) if identity else 'unsaved'}>"


def make_base() -> type[DeclarativeBase]:
    """A base of models that nobody else has."""
    return type("Model", (Model, DeclarativeBase), {"__module__": __name__})


class Models(SimpleNamespace):
    """The models below a base, by the names of their classes."""

    @classmethod
    def of(cls, base: type[DeclarativeBase]) -> Models:
        """Those that were defined by now."""
        return cls(**{it.class_.__name__: it.class_ for it in base.registry.mappers})

    def __getattr__(self, name: str) -> Any:
        known = ", ".join(sorted(vars(self))) or "none"
        raise AttributeError(f"there is no model {name!r}. Those that were imported: {known}")

    def __iter__(self) -> Iterator[type[Any]]:
        return iter(vars(self).values())
