from lists import section_list, sections


def static_params():
    return [
        {"section": section, "n": n} for section, total in sections().items() for n in range(2, total + 1)
    ]


def get(section, n):
    return section_list(section, n)
