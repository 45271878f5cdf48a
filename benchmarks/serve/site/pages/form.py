from engine import request, session


def post():
    form = request.form
    session["visits"] = visits = session.get("visits", 0) + 1
    session["name"] = form["name"]
    return f"<p>{form['name']} {form['email']} {len(form['message'])}, visit {visits}</p>"
