"""All notices of a member, to take along."""

from io import BytesIO
from zipfile import ZipFile

from engine import send_file
from engine.ext.login import current_user


def get():
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for post in current_user.posts:
            archive.writestr(f"{post.id}.md", f"# {post.title}\n\n{post.body}\n")
    file.seek(0)
    return send_file(file, as_attachment=True, download_name="notices.zip")
