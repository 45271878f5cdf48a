from lists import section_list, sections

static_params = sections


def get(section):
    return section_list(section, 1)
