"""What the API can do, for programs."""

from engine.ext.api import openapi


def get():
    return openapi(
        title="Tern Lane Allotments",
        version="1.0",
        security={"token": {"type": "http", "scheme": "bearer"}},
    )
