def get(request):
    return ""
