"""What Alembic runs for every command of `engine db`. Options of its `context.configure` may stand here."""

from engine.ext.sql.migrations import run_migrations

run_migrations()
