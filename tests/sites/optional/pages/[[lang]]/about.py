def static_params():
    return [{}, {"lang": "de"}]


def get(lang):
    return f"about in {lang}"
