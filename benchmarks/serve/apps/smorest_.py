"""Flask-Smorest as its documentation writes it, with marshmallow's schemas."""

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields, validate

SLASH = ""


class Author(Schema):
    name = fields.String(required=True, validate=validate.Length(1, 80))
    email = fields.String(required=True)


class NewPost(Schema):
    title = fields.String(required=True, validate=validate.Length(1, 200))
    tags = fields.List(fields.String(), load_default=list)
    score = fields.Float(required=True, validate=validate.Range(0, 5))
    author = fields.Nested(Author, required=True)


class Post(NewPost):
    id = fields.Integer()


def create(variant):
    app = Flask(__name__)
    app.config |= {"API_TITLE": "Bench", "API_VERSION": "1", "OPENAPI_VERSION": "3.1.0"}
    posts = Blueprint("posts", __name__)

    @posts.post("/posts")
    @posts.arguments(NewPost)
    @posts.response(201, Post)
    def post(body):
        return {"id": 1, **body}

    Api(app).register_blueprint(posts)
    return app
