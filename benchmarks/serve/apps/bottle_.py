"""Bottle with its own Jinja2 adapter, `static_file` and signed cookies."""

import bottle
from bottle import Bottle, jinja2_template, request, response, static_file
from lab import WORK
from rows import TABLE
from workloads import routes, user

SLASH = ""
SITE = WORK / "serve"
SECRET = "a-secret-of-the-bench-that-guards-nothing"


def create(variant):
    bottle.TEMPLATE_PATH[:] = [str(SITE / "templates")]
    settings = {"autoescape": True, "auto_reload": False}
    app = Bottle()

    @app.get("/hello")
    def hello():
        return "<h1>Hello, World!</h1>"

    @app.get("/users/<id:int>")
    def users(id):
        return user(id)

    @app.get("/table")
    def table():
        return jinja2_template("table.html", template_settings=settings, **TABLE)

    @app.get("/assets/<name:path>")
    def asset(name):
        return static_file(name, root=str(SITE / "static/assets"))

    @app.get("/guide")
    def guide():
        return static_file("guide.html", root=str(WORK / "ready"))

    @app.post("/form")
    def form():
        form = request.forms
        session = request.get_cookie("session", secret=SECRET) or {}
        session["visits"] = visits = session.get("visits", 0) + 1
        session["name"] = form.name
        response.set_cookie("session", session, secret=SECRET, httponly=True, path="/")
        return f"<p>{form.name} {form.email} {len(form.message)}, visit {visits}</p>"

    return app


def create_routes(count):
    app = Bottle()

    def static():
        return "<h1>Hello, World!</h1>"

    def parameters(slug, id):
        return "<h1>Hello, World!</h1>"

    for has_parameters, path in routes(count):
        if has_parameters:
            app.route(f"{path}/<slug>/<id:int>", "GET", parameters)
        else:
            app.route(path, "GET", static)
    return app
