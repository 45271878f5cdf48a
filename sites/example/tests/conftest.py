"""What the tests of this site have in common. `client`, `frozen_site` and others come with the engine."""

from socketserver import StreamRequestHandler, TCPServer
from threading import Thread

import pytest


class Mast(StreamRequestHandler):
    """An instrument on the hill, as it answers in a windy night."""

    def handle(self):
        self.wfile.write(b'{"cloud": 20, "wind": 34, "air": 3}\n')


@pytest.fixture(scope="session")
def mast():
    """The address of the mast."""
    with TCPServer(("127.0.0.1", 0), Mast) as server:
        thread = Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def site_settings(mast, tmp_path_factory):
    """No test writes into the log book of the site, and nobody is in the dome; HTTP takes no secure cookie."""
    log = tmp_path_factory.mktemp("hill") / "log.csv"
    own = {"demo_password": "first light", "log": str(log), "mast": mast, "dome": "127.0.0.1:1"}
    return {"app": own, "session__secure": False}


@pytest.fixture
def keyholder(client):
    """A client who has signed in."""
    with client.session_transaction() as session:
        session["user"] = "Ines"
    return client
