"""The form keeps notes in the session, and every page that shows them agrees."""

from pathlib import Path

from werkzeug.test import Client

from engine import create_app

app = create_app(Path(__file__).parents[1], dev=True, secret_key="only for tests")


def test_a_note_is_kept() -> None:
    client = Client(app)
    assert client.post("/", data={"text": "Buy milk"}).status_code == 303
    assert "Buy milk" in client.get("/").text
    assert client.get("/api/notes.json").json == {"notes": ["Buy milk"]}
    assert "Buy milk" in client.get("/notes/1/").text


def test_an_empty_note_is_refused() -> None:
    answer = Client(app).post("/", data={"text": " "})
    assert answer.status_code == 422
    assert "Write something first" in answer.text


def test_all_notes_are_forgotten() -> None:
    client = Client(app)
    client.post("/", data={"text": "Buy milk"})
    client.post("/clear/")
    assert client.get("/api/notes.json").json == {"notes": []}
