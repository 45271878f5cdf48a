from pathlib import Path

from engine import current_app


def get():
    return Path(current_app.config.root, "data", "pic.svg")
