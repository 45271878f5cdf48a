"""Whether this server can answer, for what watches over it: 200, or 503 where it cannot reach its database."""

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine import jsonify
from models import Member, db


def get():
    try:
        members = db.session.scalar(select(Member.id).limit(1))
    except DBAPIError:
        return jsonify(status="no database"), 503
    answer = jsonify(status="ok", members=members is not None)
    answer.cache_control.no_store = True
    return answer
