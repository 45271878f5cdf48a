"""A site with members, a login page and pages of every kind behind it."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from doors import Files, Served

KEY = "a key for these tests"
USERS = """
    from argon2 import PasswordHasher
    from engine.ext.login import Login, Passwords

    # Weak hashes: those of a real site take their time.
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    class User:
        is_active = True
        last_login = None

        def __init__(self, id, name, staff=False):
            self.id, self.name, self.is_staff = id, name, staff
            self.email = f"{name}@site.example"
            self.password_hash = passwords.hash(f"{name}'s password")

    USERS = {1: User(1, "ada", staff=True), 2: User(2, "eve")}

    def by_name(name):
        return next((user for user in USERS.values() if user.name == name), None)

    login = Login(keep=["cart"], public=["/members/open"], remember_for=86400 * 30, fresh_for=900)

    @login.user_loader
    def load(id):
        return USERS.get(int(id))
"""
LOGIN = """
    from engine import redirect
    from engine.ext.login import count_attempt, current_user, login_user, logout_user, next_url
    from users import by_name, passwords

    freeze = False

    def get():
        return "please sign in"

    def post(request):
        name = request.form["name"]
        count_attempt(name)
        user = by_name(name)
        if not passwords.verify(user and user.password_hash, request.form["password"]):
            return "wrong", 422
        if not login_user(user, remember="remember" in request.form):
            return "not active", 403
        return redirect(next_url("/members/"))

    def delete():
        logout_user()
        return ""
"""
MEMBERS: Files = {
    "app.py": "from users import login\ndef setup(app):\n    login.init_app(app)\n",
    "users.py": USERS,
    "pages/login.py": LOGIN,
    "pages/who.html": """
        ---
        layout: false
        freeze: false
        ---
        {% if current_user %}{{ current_user.name }}{% else %}nobody{% endif %}""",
    "pages/members/_hooks.py": "from engine.ext.login import login_required as before_request\n",
    "pages/members/_data.yaml": "freeze: false\n",
    "pages/members/index.md": "# Members\n",
    "pages/members/plan.txt": "secret plan",
    "pages/members/open.md": "# Open\n",
    "pages/danger.py": """
        from engine.ext.login import fresh_login_required
        freeze = False
        @fresh_login_required
        def handler():
            return "done"
    """,
    "pages/staff.py": """
        from engine.ext.login import login_required
        freeze = False
        @login_required.where(lambda user: user.is_staff)
        def get():
            return "staff"
    """,
}


class Member:
    """Signs in as a browser would."""

    def __init__(self, door: Served) -> None:
        self.client = door.app.test_client(propagate=False)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def sign_in(self, name: str = "ada", password: str | None = None, **options: Any) -> TestResponse:
        path = options.pop("path", "/login/")
        data = {"name": name, "password": password or f"{name}'s password", **options.pop("data", {})}
        return self.client.post(path, data=data, **options)

    def sign_out(self) -> TestResponse:
        return self.client.delete("/login/")

    @property
    def who(self) -> str:
        return self.client.get("/who/").text

    def cookie(self, name: str = "session") -> str | None:
        cookie = self.client.get_cookie(name)
        return cookie.value if cookie else None

    def bring(self, value: str, name: str = "session") -> None:
        self.client.set_cookie(name, value, secure=True)
