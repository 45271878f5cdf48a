freeze = False


def handler(request):
    return request.method
