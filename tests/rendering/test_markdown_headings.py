"""The ids of headings, and the table of contents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rendering.headings import Heading, Ids, slug, tree
from engine.rendering.markdown import Markdown, MarkdownOptions


def ids(text: str) -> list[str]:
    return [heading.id for heading in flat(Markdown().render(text, file="a.md").toc)]


def flat(headings):
    return [found for heading in headings for found in (heading, *flat(heading.children))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Getting started", "getting-started"),
        (" spaces  kept ", "-spaces--kept-"),
        ("What's new in 1.2?", "whats-new-in-12"),
        ("C++ & C#", "c--c"),
        ("snake_case-and-dash", "snake_case-and-dash"),
        ("a / b", "a--b"),
        ("Ünïcödé Straße", "ünïcödé-straße"),
        ("日本語 見出し", "日本語-見出し"),
        ("हिन्दी", "हिन्दी"),
        ("Привет, мир!", "привет-мир"),
        ("😄 emoji 👍🏽 here", "-emoji--here"),
        ("Ⅳ and ² and ½", "ⅳ-and--and-"),
        ("“quoted” \u2013 dash…", "quoted--dash"),
        ("İstanbul", "i\u0307stanbul"),
        ("tab\tand\u00a0space", "tabandspace"),
        ("!?", "section"),
        ("", "section"),
        ("🎉", "section"),
    ],
)
def test_the_id_of_a_heading_follows_githubs_rules(text, expected):
    assert slug(text) == expected


@given(st.text())
def test_an_id_is_never_empty_and_has_no_space(text):
    assert slug(text)
    assert not any(character.isspace() for character in slug(text))


@given(
    st.lists(st.sampled_from(["a", "a-1", "a-1-1", "A", "b"])), st.lists(st.sampled_from(["a", "a-1", "a-2"]))
)
def test_every_id_of_a_document_is_given_once(texts, explicit):
    given_ids = Ids(explicit)
    names = [given_ids.generated(text) for text in texts] + [given_ids.explicit(name) for name in explicit]
    assert len(set(names)) == len(names)


def test_the_second_heading_of_a_name_gets_a_number_that_no_other_heading_has():
    assert ids("## a\n## a\n## a-1\n## a\n") == ["a", "a-1", "a-1-1", "a-2"]


def test_a_heading_may_name_its_own_id_which_no_other_heading_is_then_given():
    assert ids("## Setup\n## Other {#setup}\n## Setup\n") == ["setup-1", "setup", "setup-2"]


def test_the_attributes_of_a_heading_are_not_part_of_its_text():
    html = Markdown().render("## The *end*  {#fin .big .red}\n", file="a.md").html
    assert html == '<h2 id="fin" class="big red">The <em>end</em></h2>\n'


@pytest.mark.parametrize(
    "text", [r"## a \{#b}", "## `{#b}`", "## a {b}", "## {#b} a", "## a {#b c}", '## a {#"b"}']
)
def test_what_only_resembles_attributes_stays_text(text):
    assert "{" in Markdown().render(text, file="a.md").html


def test_a_stranger_cannot_set_the_attributes_of_a_heading():
    html = Markdown(MarkdownOptions(trust="untrusted")).render("## a {#login .hidden}\n", file="a.md").html
    assert html == '<h2 id="user-content-a-login-hidden">a {#login .hidden}</h2>\n'


def test_the_id_is_made_of_what_is_read_not_of_marks():
    assert ids("## The `render()` *method* [of](/x) ![pic](p.png) \\* &amp; co\n") == [
        "the-render-method-of----co"
    ]


def test_a_heading_of_two_lines_has_a_space_between_them():
    assert ids("one\ntwo\n---\n") == ["one-two"]


def test_the_contents_nest_by_level_also_where_levels_are_left_out():
    toc = Markdown().render("## A\n#### deep\n### B\n## C\n# D\n### E\n", file="a.md").toc
    assert [(h.text, [(c.text, len(c.children)) for c in h.children]) for h in toc] == [
        ("A", [("deep", 0), ("B", 0)]),
        ("C", []),
        ("D", [("E", 0)]),
    ]


@given(st.lists(st.integers(1, 6)))
def test_nesting_keeps_every_heading_in_order_and_each_child_below_a_lower_level(levels):
    headings = [Heading(level, str(number), "", "") for number, level in enumerate(levels)]
    nested = tree(headings)
    assert [heading.id for heading in flat(nested)] == [heading.id for heading in headings]
    assert all(child.level > heading.level for heading in flat(nested) for child in heading.children)


def test_the_title_is_not_in_the_contents():
    rendered = Markdown().render("# Title\n\n## One\n", file="a.md")
    assert rendered.title == "Title"
    assert [heading.text for heading in rendered.toc] == ["One"]


def test_headings_within_quotations_and_lists_have_ids_but_are_no_sections():
    rendered = Markdown().render("> ## quoted\n\n- ## listed\n", file="a.md")
    assert rendered.toc == ()
    assert 'id="quoted"' in rendered.html and 'id="listed"' in rendered.html


def test_the_html_of_a_section_can_stand_in_a_link():
    text = '## <a name="x"></a>The **[big](/b)** one[^1] <kbd>K</kbd>\n\n[^1]: note\n'
    (heading,) = Markdown().render(text, file="a.md").toc
    assert heading.html == "The <strong>big</strong> one <kbd>K</kbd>"
    assert heading.text == "The big one K"


def test_headings_have_no_ids_where_that_feature_is_off():
    rendered = Markdown(MarkdownOptions(features=frozenset())).render("## a {#b}\n", file="a.md")
    assert rendered.html == "<h2>a {#b}</h2>\n"
    assert [heading.id for heading in rendered.toc] == [""]


def render(text: str) -> str:
    return Markdown().render(text, file="a.md").html


@pytest.mark.parametrize(
    ("fragment", "heading", "id"),
    [
        ("what-s-new-in-2-0", "What's new in 2.0?", "whats-new-in-20"),
        ("Performance-Dashboard", "Performance dashboard", "performance-dashboard"),
        ("cargo-publish-workspace", "`cargo publish --workspace`", "cargo-publish---workspace"),
        ("Stra%C3%9Fe", "Strasse & straße!", None),
        ("crab", "🦀", None),
        ("-", "C", None),
    ],
)
def test_a_link_to_an_id_of_another_rule_leads_to_the_heading_with_the_same_words(fragment, heading, id):
    assert f'<a href="#{id or fragment}">' in render(f"[x](#{fragment})\n\n# {heading}\n")


def test_a_link_that_could_mean_two_headings_stays():
    assert '<a href="#a.b">' in render("[x](#a.b)\n\n# a b\n\n# ab\n")


@pytest.mark.parametrize("anchor", ['<a name="A.b"></a>', "<div\nid=A.b>\n</div>", '<b id = "A.b">x</b>'])
def test_a_link_to_an_anchor_that_the_author_wrote_stays(anchor):
    assert '<a href="#A.b">' in render(f"[x](#A.b)\n\n{anchor}\n\n# a b\n")


def test_a_link_into_another_document_stays():
    assert '<a href="/b/#A.b">' in render("[x](/b/#A.b)\n\n# a b\n")
