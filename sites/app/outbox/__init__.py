"""An extension, as a package would bring it: mails that are sent aside, how they look, and a page of those not sent."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP

from engine import Response, after_this_request, copy_current_request_context, has_request_context
from engine.extensions import Registry

HERE = Path(__file__).parent
log = logging.getLogger("outbox")


class Outbox:
    """Sends mails by an SMTP server. Without one it keeps the last of them, for the page `/admin/mails/`."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.server = ""
        self.kept: deque[EmailMessage] = deque(maxlen=50)
        self._pool = ThreadPoolExecutor(1, "outbox")

    def init_app(self, app: Registry) -> None:
        app.extensions["outbox"] = self
        app.teardown_site(self._pool.shutdown)
        app.add_templates(HERE / "templates", "outbox")
        self.server = app.config.app.mail_server
        if not self.server:
            app.add_pages(HERE / "pages", "admin/mails")

    def send(self, to: str, subject: str, text: str) -> None:
        """Send a mail, for a page once it is done: one that fails sends none.

        Nobody waits for it. The time of an answer would tell whether there is such an account.
        """
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, to, subject
        mail.set_content(text)
        if not has_request_context():
            self._pool.submit(self._deliver, mail)
            return
        # In the context of the request, by which the log names it.
        deliver = copy_current_request_context(self._deliver)

        @after_this_request
        def submit(response: Response) -> None:
            if response.status_code < 400:
                self._pool.submit(deliver, mail)

    def wait(self) -> None:
        """Wait until what is to be sent is sent, as a test does."""
        self._pool.submit(int).result()  # one after the other: it has a single thread

    def _deliver(self, mail: EmailMessage) -> None:
        if not self.server:
            self.kept.appendleft(mail)
            log.warning("A mail to %s would say:\n%s", mail["To"], mail.get_content())
            return
        try:
            with SMTP(self.server, timeout=30) as server:
                server.send_message(mail)
        except OSError:
            log.exception("a mail to %s was not sent", mail["To"])
