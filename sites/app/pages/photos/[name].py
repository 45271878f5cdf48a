"""The photos that members have brought. One is there as long as the notice that shows it."""

from sqlalchemy import select

import photos
from engine import send_from_directory
from models import Post, db


def get(name):
    db.one_or_404(select(Post.id).where(Post.photo == name))
    return send_from_directory(photos.FOLDER, name, max_age=365 * 24 * 3600)
