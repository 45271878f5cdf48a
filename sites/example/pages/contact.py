"""The contact form: shows itself, checks what was sent, and thanks by a redirect: a reload sends nothing twice."""

import logging
import re
from dataclasses import asdict, dataclass

from engine import Response, flash, redirect, request, url_for

freeze = False

log = logging.getLogger(__name__)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SUBJECTS = {
    "visit": "A visit",
    "school": "A school or a group",
    "seen": "Something I saw",
    "other": "Something else",
}


@dataclass(frozen=True, slots=True)
class Message:
    name: str = ""
    email: str = ""
    subject: str = "visit"
    text: str = ""

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by the name of the field."""
        found = {}
        if not self.name:
            found["name"] = "Please tell us your name."
        if not EMAIL.fullmatch(self.email):
            found["email"] = "Please give an address that we can answer, like ada@example.org."
        if self.subject not in SUBJECTS:
            found["subject"] = "Please choose one of the list."
        if len(self.text) < 10:
            found["text"] = "Please write a sentence or two."
        return found


def get() -> dict[str, object]:
    return page(Message(), errors={})


def post() -> Response | tuple[dict[str, object], int]:
    message = Message(name=sent("name"), email=sent("email"), subject=sent("subject"), text=sent("text"))
    if message.errors:
        return page(message, message.errors), 422
    log.info("A message: %s", asdict(message))  # a real site sends or stores it here
    flash(f"Thank you, {message.name}. One of the keyholders will answer within the week.")
    return redirect(url_for("/contact"))


def sent(name: str) -> str:
    return request.form.get(name, "").strip()


def page(message: Message, errors: dict[str, str]) -> dict[str, object]:
    return {"message": message, "errors": errors, "subjects": SUBJECTS}
