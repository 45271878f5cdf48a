def before_request():
    pass


def after_request(response):
    return response


def teardown_request(error):
    pass
