"""What is the same for a new post and one that is changed."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import Length, Optional, ValidationError

import notices
import photos
from engine import abort, g
from engine.ext.forms import FileField, FileSize, FileType, model_form
from engine.ext.login import current_user
from models import Post


def own() -> Post:
    """The notice of this page, if the visitor may change it. Answers 403 where it is somebody else's."""
    return g.post if g.post.is_of(current_user._get_current_object()) else abort(403)


class PostForm(model_form(Post, ["title", "body"])):
    photo = FileField(
        "Photo",
        [FileSize(photos.MOST), FileType(*photos.TYPES)],
        description="JPEG, PNG or WebP, up to 5 MB.",
    )
    alt = StringField(
        "What the photo shows", [Optional(), Length(max=200)], description="For those who cannot see it."
    )

    version = HiddenField()
    """The one that was read, where a post is changed."""

    def validate_body(self, field):
        if dead := notices.dead_links(field.data):
            raise ValidationError(f"It links to the notice {dead[0]}, which is not there.")

    def fill(self, post: Post) -> None:
        """Give the post what was entered. A photo takes the place of the one before."""
        post.title, post.body, post.alt = self.title.data, self.body.data, self.alt.data
        if self.photo.data:
            post.photo = photos.keep(self.photo.data)
