def static_params():
    return [{"major": 1, "minor": 20}]


def get(major, minor):
    return f"{major} and {minor}"
