"""Ask for a plot. It goes to the committee, which has the list in a folder."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator
from wtforms import TextAreaField

from engine import current_app, flash, redirect, render_template, request, url_for
from engine.ext.forms import pydantic_form
from engine.ext.login import count_attempt
from mails import outbox

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Wish(BaseModel):
    """What somebody says who would like to have a plot."""

    name: Line = Field(title="Your name")
    reach: Line = Field(title="How we can reach you", description="An e-mail address, or a telephone number.")
    size: Literal["half a plot", "a whole plot"] = Field("half a plot", title="How much")
    on_list: date | None = Field(None, title="On the list since", description="If you have asked before.")
    why: str = Field("", max_length=2000)

    @model_validator(mode="after")
    def asked_before(self):
        if self.on_list and self.on_list.year < 2019:
            raise ValueError("The list was begun anew in 2019. Please leave the date out.")
        return self


WishForm = pydantic_form(Wish, why=TextAreaField("What you would grow"))


def get():
    return {"form": WishForm()}


def post():
    form = WishForm()
    if not form.validate_on_submit():
        return {"form": form}, 422
    count_attempt(request.remote_addr or "", "waiting")
    text = render_template("mails/wish.txt", wish=form.instance)
    outbox.send(current_app.config.app.committee, "Somebody would like a plot", text)
    flash("Thank you. We write to you as soon as a plot is free.")
    return redirect(url_for("/"))
