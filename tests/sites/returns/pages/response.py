from engine import Response


def get():
    return Response("a response")
