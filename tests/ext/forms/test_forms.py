"""Forms take what was sent, check its token, and show what is wrong where it is wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from doors import Files, Served, freeze_site, write_site
from engine import EngineError
from forms_tools import KEY, Visitor, site_of, token_of

PAGE = """
    from wtforms import EmailField, PasswordField, StringField
    from wtforms.validators import DataRequired, Email, Length
    from engine.ext.forms import Form

    freeze = False

    class JoinForm(Form):
        name = StringField("Your name", [DataRequired(), Length(max=20)], description="As we shall <call> you")
        email = EmailField("E-mail", [DataRequired()])
        password = PasswordField("Password")

    def get():
        return {"form": JoinForm()}

    def post():
        form = JoinForm()
        if form.validate_on_submit():
            return f"{form.data}", 201
        return {"form": form}, 422
"""


@pytest.fixture
def visitor(served: Callable[..., Served]) -> Visitor:
    return Visitor(served(site_of(PAGE), secret_key=KEY))


# What is sent


def test_a_form_holds_what_was_sent_and_no_token(visitor: Visitor) -> None:
    answer = visitor.send(name="Ada", email="a@b.example", password="p", csrf_token=visitor.token())
    assert (answer.status_code, answer.text) == (
        201,
        "{'name': 'Ada', 'email': 'a@b.example', 'password': 'p'}",
    )


def test_a_text_has_no_nul_as_no_browser_sends_one(visitor: Visitor) -> None:
    answer = visitor.send(name="A\0da", email="a@b.example", csrf_token=visitor.token())
    assert "'name': 'Ada'" in answer.text


def test_what_was_sent_is_shown_again_but_no_password(visitor: Visitor) -> None:
    answer = visitor.send(name='"Ada" <x>', password="hidden words", csrf_token=visitor.token())
    assert answer.status_code == 422
    assert 'value="&#34;Ada&#34; &lt;x&gt;"' in answer.text
    assert "hidden words" not in answer.text


@pytest.mark.parametrize("name", ["name", "csrf_token"])
def test_a_field_of_text_that_is_sent_a_file_has_been_sent_nothing(visitor: Visitor, name: str) -> None:
    sent = {"name": "Ada", "email": "a@b.example", "csrf_token": visitor.token()}
    assert visitor.send(**{**sent, name: (io.BytesIO(b"Ada"), "ada.txt")}).status_code == 422


def test_a_form_that_is_only_looked_at_is_empty_and_without_errors(visitor: Visitor) -> None:
    html = visitor.see()
    assert "aria-invalid" not in html and "form-errors" not in html
    assert "?name=Ada" not in html and 'value="Ada"' not in visitor.client.get("/join/?name=Ada").text


def test_a_form_can_read_the_query(served: Callable[..., Served]) -> None:
    page = """
        from engine import request
        from engine.ext.forms import Form
        from wtforms import StringField
        freeze = False
        class Search(Form):
            class Meta:
                csrf = False
            q = StringField()
        def get():
            return Search(request.args).data
    """
    assert served({"pages/search.py": page}).get("/search/?q=rye").text == '{"q":"rye"}'


def test_of_two_forms_of_a_page_the_one_that_was_sent_is_bound(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.forms import Form
        from wtforms import BooleanField
        freeze = False
        class Yes(Form):
            sure = BooleanField(default=True)
        def handler():
            forms = Yes(prefix="a"), Yes(prefix="b")
            if any(form.validate_on_submit() for form in forms):
                return [[form.is_submitted(), form.sure.data] for form in forms]
            return str(forms[1].csrf_token)
    """
    visitor = Visitor(served({"pages/join.py": page}, secret_key=KEY))
    sent = {"b-csrf_token": visitor.token()}
    assert visitor.client.post("/join/", data=sent).json == [[False, True], [True, False]]


# The token


@pytest.mark.parametrize("sent", ["", "x", "a.b.c"])
def test_a_form_without_a_good_token_is_not_valid_and_can_be_sent_again(visitor: Visitor, sent: str) -> None:
    visitor.see()
    good = {"name": "Ada", "email": "a@b.example"}
    refused = visitor.send(**good, csrf_token=sent)
    assert refused.status_code == 422
    assert "This form was open for too long" in refused.text and 'value="Ada"' in refused.text
    assert visitor.send(**good, csrf_token=token_of(refused.text)).status_code == 201


def test_a_token_of_another_visitor_is_none(served: Callable[..., Served]) -> None:
    door = served(site_of(PAGE), secret_key=KEY)
    eve, ada = Visitor(door), Visitor(door)
    ada.see()
    assert ada.send(name="Ada", email="a@b.example", csrf_token=eve.token()).status_code == 422


def test_a_token_is_another_for_each_page_and_holds_more_than_once(visitor: Visitor) -> None:
    first, second = visitor.token(), visitor.token()
    assert first != second
    for token in (first, second, first):
        assert visitor.send(name="Ada", email="a@b.example", csrf_token=token).status_code == 201


def test_a_token_grows_old(served: Callable[..., Served]) -> None:
    page = PAGE.replace(
        "class JoinForm(Form):",
        "class JoinForm(Form):\n        class Meta:\n            csrf_lifetime = -1\n",
    )
    visitor = Visitor(served(site_of(page), secret_key=KEY))
    assert visitor.send(name="Ada", email="a@b.example", csrf_token=visitor.token()).status_code == 422


def test_a_script_sends_the_token_in_a_header(visitor: Visitor) -> None:
    headers = {"X-CSRF-Token": visitor.token()}
    assert visitor.send(name="Ada", email="a@b.example", headers=headers).status_code == 201


def test_a_key_that_was_replaced_still_opens_its_tokens(site: Callable[[Files], Path]) -> None:
    root = site(site_of(PAGE))
    before = Visitor(Served(root, secret_key="old"))
    token = before.token()
    after = Visitor(Served(root, secret_key="new", secret_key_fallbacks=("old",)))
    after.client._cookies = before.client._cookies
    assert after.send(name="Ada", email="a@b.example", csrf_token=token).status_code == 201


def test_a_directory_can_want_tokens_for_all_that_changes_something(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.forms import csrf_token
        freeze = False
        def get():
            return csrf_token()
        def delete():
            return "gone"
    """
    hooks = "from engine.ext.forms import require_csrf_token as before_request\n"
    client = served({"pages/_hooks.py": hooks, "pages/a.py": page}, secret_key=KEY).app.test_client()
    token = client.get("/a/").text
    assert client.delete("/a/").status_code == 403
    assert client.delete("/a/", headers={"X-CSRF-Token": token}).text == "gone"


def test_a_token_that_came_in_json_can_be_looked_at(served: Callable[..., Served]) -> None:
    page = """
        from engine import request
        from engine.ext.forms import csrf_token, is_csrf_token
        freeze = False
        def get():
            return csrf_token()
        def post():
            return {"holds": is_csrf_token(request.json["token"])}
    """
    visitor = Visitor(served({**site_of(PAGE), "pages/ask.py": page}, secret_key=KEY))
    token = visitor.client.get("/ask/").text
    said = [visitor.client.post("/ask/", json={"token": it}).json["holds"] for it in (token, "x", None)]
    assert said == [True, False, False]


def test_a_form_within_a_form_has_no_token_of_its_own(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.forms import Form
        from wtforms import FieldList, FormField, StringField
        from wtforms.validators import DataRequired
        freeze = False
        class Town(Form):
            town = StringField("Town", [DataRequired()])
        class JoinForm(Form):
            home = FormField(Town, "Home")
            others = FieldList(FormField(Town), "Others", min_entries=1)
        def get():
            return {"form": JoinForm()}
        def post():
            form = JoinForm()
            return (str(form.data), 201) if form.validate_on_submit() else ({"form": form}, 422)
    """
    visitor = Visitor(served(site_of(page), secret_key=KEY))
    html = visitor.see()
    assert html.count("csrf_token") == 1
    assert "<legend>Home</legend>" in html
    sent = {"home-town": "Caernarfon", "others-0-town": "", "csrf_token": token_of(html)}
    wrong = visitor.send(**sent)
    assert '<a href="#others-0-town">Town: This field is required.</a>' in wrong.text
    right = visitor.send(**{**sent, "others-0-town": "Bangor"})
    assert (right.status_code, "Bangor" in right.text) == (201, True)


# What is shown


def test_a_field_has_a_label_a_hint_and_says_that_it_is_required(visitor: Visitor) -> None:
    html = visitor.see()
    assert '<label for="name">Your name<span class="required" aria-hidden="true"> *</span></label>' in html
    assert '<p class="hint" id="name-hint">As we shall &lt;call&gt; you</p>' in html
    field = re.search(r'<input[^>]*name="name"[^>]*>', html)
    assert field
    for attribute in ('aria-describedby="name-hint"', "required", 'maxlength="20"', 'autocomplete="name"'):
        assert attribute in field[0]
    assert 'autocomplete="email"' in html and 'autocomplete="current-password"' in html


def test_the_name_of_a_field_is_no_field(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    door = served(site_of(PAGE, '{{ form_field("email") }}'), secret_key=KEY)
    assert door.get("/join/").status == 500
    assert "pages/join.html:1: form_field() takes a field, such as form.email, not 'email'." in caplog.text


def test_an_error_is_tied_to_its_field_and_linked_from_a_summary(visitor: Visitor) -> None:
    html = visitor.send(name="x" * 21, csrf_token=visitor.token()).text
    field = re.search(r'<input[^>]*name="name"[^>]*>', html)
    assert field
    assert 'aria-describedby="name-hint name-error"' in field[0] and 'aria-invalid="true"' in field[0]
    message = "Field cannot be longer than 20 characters."
    assert f'<p class="error" id="name-error">{message}</p>' in html
    assert '<div class="form-errors" role="alert" tabindex="-1" autofocus' in html
    assert f'<li><a href="#name">Your name: {message}</a></li>' in html
    assert '<li><a href="#email">E-mail: This field is required.</a></li>' in html
    password = re.search(r'<input[^>]*name="password"[^>]*>', html)
    assert password and "aria-invalid" not in password[0]


def test_buttons_to_choose_from_are_a_group_that_the_summary_leads_to(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.forms import Form
        from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
        from wtforms.validators import InputRequired
        from wtforms.widgets import CheckboxInput, ListWidget
        freeze = False
        class JoinForm(Form):
            bread = RadioField("Bread", [InputRequired()], choices={"rye": "Rye", "oat": "Oat"})
            days = SelectMultipleField("Days", [InputRequired()], choices=["Mon", "Tue"],
                widget=ListWidget(), option_widget=CheckboxInput())
            terms = BooleanField("I agree", [InputRequired()], render_kw={"aria_describedby": "terms-text"})
        def handler():
            form = JoinForm()
            form.validate_on_submit()
            return {"form": form}
    """
    visitor = Visitor(served(site_of(page), secret_key=KEY))
    html = visitor.send(csrf_token=visitor.token()).text
    assert 'aria-describedby="bread-error"' in html and "<legend>Bread<span" in html
    assert '<a href="#bread-0">Bread: This field is required.</a>' in html
    assert re.search(r'<input[^>]*id="bread-0"[^>]*required[^>]*>', html)
    assert not re.search(r'<input[^>]*id="days-0"[^>]*required[^>]*>', html)
    assert '<label for="days-0">Mon</label>' in html
    assert 'aria-describedby="terms-text terms-error"' in html


def test_what_a_browser_proposes_stands_beside_its_field(served: Callable[..., Served]) -> None:
    page = PAGE.replace(
        'StringField("Your name", ', 'StringField("Your name", datalist=DataList(["Ada"]), validators='
    )
    page = page.replace("import EmailField", "import DataList, EmailField")
    html = Visitor(served(site_of(page), secret_key=KEY)).see()
    assert 'list="name-datalist"' in html and '<datalist id="name-datalist"><option value="Ada">' in html


def test_the_messages_are_in_the_language_of_the_site(served: Callable[..., Served]) -> None:
    visitor = Visitor(served(site_of(PAGE, **{"site.toml": 'language = "cy-GB"\n'}), secret_key=KEY))
    html = visitor.send(email="", csrf_token=visitor.token()).text
    assert "Your name: Rhaid cwblhau&#39;r maes hwn." in html


def test_a_language_that_nobody_has_translated_is_english(served: Callable[..., Served]) -> None:
    visitor = Visitor(served(site_of(PAGE, **{"site.toml": 'language = "br"\n'}), secret_key=KEY))
    assert "This field is required." in visitor.send(csrf_token=visitor.token()).text


def test_errors_of_a_form_as_a_whole_stand_in_the_summary(served: Callable[..., Served]) -> None:
    page = PAGE.replace(
        'return {"form": form}, 422',
        'form.form_errors.append("We are <full>.")\n        return {"form": form}, 422',
    )
    visitor = Visitor(served(site_of(page), secret_key=KEY))
    assert "<li>We are &lt;full&gt;.</li>" in visitor.send(csrf_token=visitor.token()).text


# Files

UPLOAD = """
    from engine.ext.forms import FileField, FileRequired, FileSize, FileSuffix, FileType, Form, MultipleFileField

    freeze = False

    class JoinForm(Form):
        photo = FileField("Photo", [FileRequired(), FileSize(1000, least=4), FileSuffix("png"), FileType("image/png")])
        others = MultipleFileField("Others", [FileSize(10)])

    def get():
        return {"form": JoinForm()}

    def post():
        form = JoinForm()
        if form.validate_on_submit():
            return f"{form.photo.data.filename} {len(form.photo.data.read())} {len(form.others.data)}", 201
        return {"form": form}, 422
"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def upload(content: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(content), name, content_type="image/png")


def test_no_browser_is_asked_to_fill_in_a_file(served: Callable[..., Served]) -> None:
    """`photo` is a word of HTML, for the address of one."""
    assert "autocomplete" not in Visitor(served(site_of(UPLOAD), secret_key=KEY)).see()


def test_a_file_is_read_whole_after_its_checks(served: Callable[..., Served]) -> None:
    visitor = Visitor(served(site_of(UPLOAD), secret_key=KEY))
    html = visitor.see()
    assert 'enctype="multipart/form-data"' in html and 'accept="image/png"' in html
    several = [upload(b"1", "1.txt"), upload(b"2", "2.txt")]
    sent = visitor.send(photo=upload(PNG, "me.PNG"), others=several, csrf_token=token_of(html))
    assert (sent.status_code, sent.text) == (201, "me.PNG 28 2")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Photo: This field is required."),
        ({"photo": (io.BytesIO(b""), "")}, "Photo: This field is required."),
        ({"photo": "me.png"}, "Photo: This field is required."),
        ({"photo": upload(PNG, "me.html")}, "Choose a file of one of these kinds: png."),
        (
            {"photo": upload(b"<script>alert(1)</script>", "me.png")},
            "Choose a file of one of these kinds: png.",
        ),
        ({"photo": upload(PNG + bytes(1000), "me.png")}, "A file here may have at most 1 kB."),
        ({"photo": upload(b"\x89PN", "me.png")}, "A file here may have at least 4 bytes."),
        (
            {"photo": upload(PNG, "a.png"), "others": [upload(b"1", "1"), upload(bytes(11), "2")]},
            "Others: A file here may have at most 10 bytes.",
        ),
    ],
    ids=["none", "none-chosen", "text", "suffix", "bytes", "large", "small", "one-of-several"],
)
def test_a_file_that_is_not_wanted_is_an_error(
    served: Callable[..., Served], fields: dict[str, Any], message: str
) -> None:
    visitor = Visitor(served(site_of(UPLOAD), secret_key=KEY))
    answer = visitor.send(**fields, csrf_token=visitor.token())
    assert (answer.status_code, message in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"RIFF\x10\0\0\0WEBPVP8 ", 201),
        (b"<script>WEBPVP8 ", 422),
        (b"\0\0\0\x1cftypavif\0\0\0\0", 201),
        (b"<!--ftypavif-->", 422),
        (b"\0\0\0\x20ftypisom\0\0\0\0", 201),
        (b"<!--ftypmp42-->", 422),
    ],
)
def test_what_has_the_mark_of_a_type_later_on_alone_is_not_of_it(
    served: Callable[..., Served], content: bytes, status: int
) -> None:
    types = 'FileType("image/webp", "image/avif", "video/mp4")'
    page = UPLOAD.replace('FileSuffix("png")', types).replace('FileType("image/png")', types)
    visitor = Visitor(served(site_of(page), secret_key=KEY))
    assert visitor.send(photo=upload(content, "me"), csrf_token=visitor.token()).status_code == status


def test_a_type_of_files_that_nobody_can_tell_is_an_error_of_the_site(
    faults: Callable[..., list[str]],
) -> None:
    [fault] = faults({"pages/a.py": "from engine.ext.forms import FileType\nFileType('text/plain')\n"})
    assert fault.startswith("pages/a.py:2: ") and "FileType knows no bytes of text/plain." in fault


def test_an_object_keeps_its_file_where_none_was_sent(served: Callable[..., Served]) -> None:
    page = """
        from types import SimpleNamespace
        from engine.ext.forms import FileField, Form
        from wtforms import StringField
        freeze = False
        class Edit(Form):
            name = StringField()
            photo = FileField()
        def handler():
            user = SimpleNamespace(name="Eve", photo="old.png")
            form = Edit(obj=user)
            if form.validate_on_submit():
                form.populate_obj(user)
                return [user.name, user.photo]
            return str(form.csrf_token)
    """
    visitor = Visitor(served({"pages/join.py": page}, secret_key=KEY))
    assert visitor.send(name="Ada", csrf_token=visitor.token()).json == ["Ada", "old.png"]


ROWS = """
    from engine.ext.forms import Form
    from wtforms import FieldList, FileField, FormField, StringField
    from wtforms.validators import Length
    freeze = False
    class Row(Form):
        name = StringField()
        photo = FileField()
    class Album(Form):
        rows = FieldList(FormField(Row), "Photos", [Length(min=1)])
    def get():
        return {"form": Album()}
    def post():
        form = Album()
        if form.validate_on_submit():
            return [[row["name"], row["photo"] and row["photo"].filename] for row in form.rows.data]
        return {"form": form}, 422
"""


@pytest.mark.parametrize("form", ["Form", "wtforms.Form"])
def test_of_rows_that_were_removed_in_between_each_other_keeps_its_file(
    served: Callable[..., Served], form: str
) -> None:
    page = ROWS.replace("class Row(Form)", f"import wtforms\n    class Row({form})")
    visitor = Visitor(served(site_of(page), secret_key=KEY))
    rows = {"rows-1-name": "b", "rows-2-name": "c", "rows-4-name": "e"}
    files = {"rows-1-photo": upload(b"b", "b.png"), "rows-2-photo": upload(b"c", "c.png")}
    answer = visitor.send(**rows, **files, csrf_token=visitor.token())
    assert answer.json == [["b", "b.png"], ["c", "c.png"], ["e", None]]


@pytest.mark.parametrize("number", ["\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT ONE}" * 5000, "9" * 5000])
def test_a_row_whose_number_nobody_can_read_is_none(served: Callable[..., Served], number: str) -> None:
    visitor = Visitor(served(site_of(ROWS), secret_key=KEY))
    sent = {f"rows-{number}-name": "x", "rows-3-name": "y", "csrf_token": visitor.token()}
    assert visitor.send(**sent).json == [["y", None]]


def test_a_form_whose_rows_may_have_files_is_sent_so_before_there_is_one(
    served: Callable[..., Served],
) -> None:
    assert 'enctype="multipart/form-data"' in Visitor(served(site_of(ROWS), secret_key=KEY)).see()
    texts = ROWS.replace("photo = FileField()", "photo = StringField()")
    plain = Visitor(served(site_of(texts), secret_key=KEY)).see()
    assert 'enctype="application/x-www-form-urlencoded"' in plain


def test_the_summary_leads_to_a_list_that_has_nothing_in_it(served: Callable[..., Served]) -> None:
    visitor = Visitor(served(site_of(ROWS), secret_key=KEY))
    page = visitor.send(csrf_token=visitor.token()).text
    assert '<a href="#rows">Photos: ' in page and 'id="rows"' in page


# At both doors

SHOWN = """
    from engine.ext.forms import Form
    from wtforms import StringField

    class JoinForm(Form):
        name = StringField()

    def get():
        return {"form": JoinForm()}
"""


def test_a_page_with_a_form_is_private_and_no_page_of_a_frozen_site(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", site_of(SHOWN))
    answer = Served(root, secret_key=KEY).get("/join/")
    assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Cookie", "private, no-cache")
    report = freeze_site(root, tmp_path / "dist", secret_key=KEY)
    assert [str(fault) for fault in report.faults] == [
        "pages/join.html:4: /join/ reads the session, so that it would differ from visitor to visitor. "
        "Say `freeze = False` to leave the page to the server."
    ]


def test_a_page_says_itself_who_may_store_its_form(served: Callable[..., Served]) -> None:
    page = PAGE.replace(
        'return {"form": JoinForm()}', 'return {"form": JoinForm()}, {"Cache-Control": "no-store"}'
    )
    door = served(site_of(page), secret_key=KEY)
    assert door.get("/join/").headers["Cache-Control"] == "no-store"


def test_a_form_without_a_token_can_be_frozen(tmp_path: Path) -> None:
    page = SHOWN.replace("name =", "Meta = type('Meta', (), {'csrf': False})\n        name =")
    root = write_site(tmp_path / "site", site_of(page))
    assert freeze_site(root, tmp_path / "dist").faults == ()
    assert (tmp_path / "dist/join/index.html").read_bytes() == Served(root).get("/join/").body


def test_a_site_without_a_key_is_told_so(served: Callable[..., Served]) -> None:
    door = served(site_of(PAGE))
    with pytest.raises(EngineError, match="need a secret key"):
        door.app.test_client().get("/join/")
