"""Models: their names, their constraints' names, and their types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from engine.ext.sql import SQL, Model


class Base(Model, DeclarativeBase):
    pass


class HTTPError(Base):
    id: Mapped[int] = mapped_column(primary_key=True)


class BlogPost(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    day: Mapped[str] = mapped_column(index=True)
    error_id: Mapped[int] = mapped_column(ForeignKey("http_error.id"))
    kind: Mapped[str]
    __table_args__ = (CheckConstraint("day > ''", "day"), UniqueConstraint("day", "slug"))
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "post"}


class Review(BlogPost):
    __mapper_args__ = {"polymorphic_identity": "review"}
    stars: Mapped[int | None]


class Long(BlogPost):
    __tablename__ = "long_posts"
    __mapper_args__ = {"polymorphic_identity": "long"}
    id: Mapped[int] = mapped_column(ForeignKey("blog_post.id"), primary_key=True)


def test_a_table_has_the_name_of_its_class_in_small_letters() -> None:
    assert sorted(Base.metadata.tables) == ["blog_post", "http_error", "long_posts"]


def test_a_model_that_inherits_shares_the_table_unless_it_names_one() -> None:
    assert Review.__table__ is BlogPost.__table__
    assert "stars" in BlogPost.__table__.c
    assert Long.__table__.name == "long_posts"


def test_every_constraint_and_index_has_a_name() -> None:
    table = BlogPost.__table__
    named = {str(it.name) for it in (*table.constraints, *table.indexes)}
    assert named == {
        "pk_blog_post",
        "uq_blog_post_slug",
        "uq_blog_post_day_slug",
        "ck_blog_post_day",
        "fk_blog_post_error_id_http_error",
        "ix_blog_post_day",
    }
    assert all(isinstance(it, Index) for it in table.indexes)


def test_a_base_may_have_metadata_of_its_own() -> None:
    class Other(Model, DeclarativeBase):
        metadata = MetaData(schema="shop")

    assert Other.metadata.schema == "shop"


def test_a_base_may_say_itself_how_types_are_stored() -> None:
    class Other(Model, DeclarativeBase):
        type_annotation_map = {str: String(40)}

    class Loaf(Other):
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        size: Mapped[Literal["small", "large"]]

    assert Loaf.__table__.c.name.type.length == 40
    assert not Loaf.__table__.c.size.type.native_enum

    class Third(Model, DeclarativeBase):
        registry = registry(type_annotation_map={str: String(50)})

    assert Third.registry.type_annotation_map[str].length == 50


def test_each_database_has_models_of_its_own() -> None:
    one, other = SQL(), SQL()
    for db in (one, other):

        class Loaf(db.Model):  # type: ignore[name-defined, misc]
            id: Mapped[int] = mapped_column(primary_key=True)

    assert one.metadata is not other.metadata
    assert one.models.Loaf is not other.models.Loaf


def test_models_are_found_by_name() -> None:
    db = SQL(model=Base)
    assert db.Model is Base
    assert db.models.BlogPost is BlogPost
    assert set(db.models) == {BlogPost, HTTPError, Review, Long}
    with pytest.raises(
        AttributeError, match=r"there is no model 'Blog'\. Those that were imported: BlogPost, "
    ):
        _ = db.models.Blog


def test_the_text_of_a_row_tells_its_key() -> None:
    assert repr(BlogPost()) == "<BlogPost unsaved>"


TYPED = """
from sqlalchemy import Select, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from engine.ext.sql import SQL, Model, Pagination


class Base(Model, DeclarativeBase):
    pass


db = SQL(model=Base)


class Loaf(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def names() -> list[str]:
    session: Session = db.session
    loaf: Loaf = db.get_or_404(Loaf, 1)
    first: Loaf = db.first_or_404(select(Loaf))
    name: str = db.one_or_404(select(Loaf.name))
    page: Pagination[Loaf] = db.paginate(select(Loaf), per_page=3)
    rows: list[tuple[int, str]] = [it.tuple() for it in db.paginate(select(Loaf.id, Loaf.name))]
    session.add(Loaf(name=rows[0][1]))
    return [loaf.name, first.name, name, *(it.name for it in page)]


WRONG: int = db.get_or_404(Loaf, 1)
"""


@pytest.mark.long
def test_the_types_of_a_site_are_known_to_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "models.py").write_text(TYPED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "models.py"],
        cwd=tmp_path,
        env={"MYPYPATH": str(Path(__file__).parents[3]), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [
        line for line in done.stdout.splitlines() if " error: " in line and line.startswith("models.py")
    ]
    assert [line.partition(" error: ")[2] for line in errors] == [
        'Incompatible types in assignment (expression has type "Loaf", variable has type "int")  [assignment]'
    ], done.stdout
