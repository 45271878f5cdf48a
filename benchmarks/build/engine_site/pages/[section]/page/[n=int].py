from lists import section_list


def get(section, n):
    return section_list(section, n)
