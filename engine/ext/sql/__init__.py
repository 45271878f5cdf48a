"""Databases for a site: SQLAlchemy's models and sessions, Alembic's migrations. The extra `sql`."""

from __future__ import annotations

try:
    from engine.ext.sql.database import SQL as SQL
    from engine.ext.sql.model import Model as Model
    from engine.ext.sql.pagination import Pagination as Pagination
except ModuleNotFoundError as error:
    if error.name != "sqlalchemy":
        raise
    raise ImportError(
        "engine.ext.sql needs SQLAlchemy. Install it: pip install 'pages-engine[sql]'"
    ) from None

__all__ = ["SQL", "Model", "Pagination"]
