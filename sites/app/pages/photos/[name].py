"""The photos that members have brought."""

import photos
from engine import send_from_directory


def get(name):
    return send_from_directory(photos.FOLDER, name, max_age=365 * 24 * 3600)
