from engine import g


def before_request():
    g.visitor = "somebody"


def after_request(response):
    response.headers["X-Visitor"] = g.visitor
    return response


def teardown_request(error):
    g.pop("visitor", None)
