from lists import section_list


def get(section):
    return section_list(section, 1)
