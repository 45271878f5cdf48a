from posts import NewPost, Post

from engine.ext.api import api


@api(status=201)
def post(body: NewPost) -> Post:
    return Post(id=1, **body.model_dump())
