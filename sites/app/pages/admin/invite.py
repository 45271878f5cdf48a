"""Invite many at once: lists as the committee keeps them, with an address and a plot in each line."""

import csv

from wtforms.validators import ValidationError

import invitations
from engine import flash, redirect, url_for
from engine.ext.forms import FileRequired, FileSize, FileSuffix, Form, MultipleFileField
from invitations import Invitation
from members import ADDRESS


class ListsForm(Form):
    lists = MultipleFileField(
        "Lists",
        [FileRequired(), FileSuffix("csv"), FileSize(100_000)],
        description="CSV files, as many as you like.",
    )

    def validate_lists(self, field):
        self.guests = [guest for file in field.data for guest in guests(file)]


def guests(file):
    """Who stands in a list. Raises `ValidationError` with the line that cannot be read."""
    text = file.read().decode("utf-8-sig", "replace")
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        match [it.strip() for it in row]:
            case [address, plot] if ADDRESS.regex.match(address) and plot.isdecimal() and len(plot) < 5:
                yield Invitation(address, int(plot))
            case []:
                pass
            case _:
                raise ValidationError(f"{file.filename}, line {number}: this is no address and a plot.")


def get():
    return {"form": ListsForm()}


def post():
    form = ListsForm()
    if not form.validate_on_submit():
        return {"form": form}, 422
    for guest in form.guests:
        invitations.send(*guest, by="The committee")
    flash(f"{len(form.guests)} are invited.")
    return redirect(url_for("/admin"))
