def before_request():
    return "Staff only", 403
