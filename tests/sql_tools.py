"""A small site with a database: loaves and their crumbs."""

from __future__ import annotations

from pathlib import Path

from doors import Files, write_site
from engine import App, create_app

MODELS = """
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.orm import Mapped, mapped_column, relationship

    from engine.ext.sql import SQL

    db = SQL()


    class Loaf(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(unique=True)
        crumbs: Mapped[list["Crumb"]] = relationship()


    class Crumb(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        loaf_id: Mapped[int] = mapped_column(ForeignKey("loaf.id"))
"""
APP = """
    from models import db

    def setup(app):
        db.init_app(app)
"""
LOAVES = """
    from engine import request
    from models import Loaf, db, select

    freeze = False

    def get():
        return list(db.session.scalars(select(Loaf.name).order_by(Loaf.name)))

    def post():
        db.session.add(Loaf(name=request.form["name"]))
        db.session.flush()
        if "fail" in request.form:
            raise LookupError("no oven")
        if "forget" not in request.form:
            db.session.commit()
        return "ok"
"""
LOAF = """
    from models import Loaf, db

    freeze = False

    def get(id):
        return db.get_or_404(Loaf, id).name
"""
SHOP: Files = {
    "models.py": MODELS,
    "app.py": APP,
    "pages/_layout.html": "{{ content }}",
    "pages/404.html": "---\nlayout: false\n---\nNot here",
    "pages/loaves.json.py": LOAVES,
    "pages/loaf/[id=int].py": LOAF,
}


def shop(root: Path, url: str = "", files: Files | None = None) -> Path:
    """The directory of the site, whose database is at `url`."""
    settings = {"site.toml": f'secret_key = "x"\n[app]\ndatabase_url = "{url}"\n'}
    return write_site(root, {**SHOP, **settings, **(files or {})})


def opened(root: Path, url: str = "", files: Files | None = None, *names: str) -> App:
    """The app of the site, its tables made, with loaves of these names."""
    app = create_app(shop(root, url, files))
    db = app.extensions["sql"]
    db.create_all()
    with app.context():
        db.session.add_all([db.models.Loaf(name=name) for name in names])
        db.session.commit()
    return app
