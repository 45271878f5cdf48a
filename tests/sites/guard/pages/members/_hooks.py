def before_request():
    return "Members only", 403
