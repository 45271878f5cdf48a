"""The handbook is a site of its own, which others look after and can publish by itself. Here it is below /handbook/."""

from pathlib import Path

from engine import create_app

HERE = Path(__file__)
app = create_app(HERE.parents[2] / "handbook")
