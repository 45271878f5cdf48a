from engine import g


def before_request():
    g.trail = ["root"]


def after_request(response):
    response.headers["X-Trail"] = "root"
    return response


def context():
    return {"who": "root", "below": None, "trail": g.trail}


def error_handler(error):
    if error.code == 404:
        return f"root handled {type(error).__name__}", 404
