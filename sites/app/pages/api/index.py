"""What the API can do, for people."""

from engine.ext.api import reference


def get():
    return reference("/api/openapi.json")
