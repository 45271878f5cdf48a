"""The board before this one. People still have links to it: /board/show.php?id=3."""

from werkzeug import Request
from werkzeug.exceptions import Gone
from werkzeug.utils import redirect


@Request.application
def old_board(request):
    id = request.args.get("id", type=int)
    if request.path == "/show.php" and id:
        return redirect(f"/posts/{id}/", 301)
    raise Gone("The old board has been taken down.")
