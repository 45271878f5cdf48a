from engine import g


def before_request():
    g.trail.append("deep")


def after_request(response):
    response.headers["X-Trail"] += " deep"
    return response


def context():
    return {"who": "deep", "below": "deep"}


def error_handler(error):
    if isinstance(getattr(error, "original_exception", None), ValueError):
        return "deep handled ValueError", 418
