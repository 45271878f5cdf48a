"""What came of some pages is the same after it was packed and read, and what a freeze has to know is told beside it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Fault
from engine.freeze.asking.intake import Intake
from engine.freeze.incremental.batch import Batch, pack, read_heads
from engine.freeze.incremental.surroundings import NEVER
from engine.freeze.target import Link, Result, Target

TEXT = st.text(max_size=8)
DEPENDENCIES = st.tuples(st.sampled_from(["page", "body", "disk", "count", "hooks"]), TEXT)
RESULTS = st.builds(
    Result,
    target=st.builds(Target, TEXT, TEXT, TEXT, TEXT, st.sampled_from([200, 404])),
    digest=TEXT,
    size=st.integers(0, 2**40),
    faults=st.lists(st.builds(Fault, TEXT, TEXT, TEXT, TEXT, st.none() | st.integers(1, 99))).map(tuple),
    links=st.lists(st.builds(Link, TEXT, TEXT, TEXT, st.booleans(), st.booleans())).map(tuple),
    anchors=st.binary(),
    redirect=st.none() | st.tuples(TEXT, st.just(301)),
    dependencies=st.lists(DEPENDENCIES, unique=True).map(tuple),
    body=st.binary(),
    status=st.sampled_from([0, 500]),
    is_kept=st.just(False),
)


@given(st.lists(RESULTS))
def test_results_are_the_same_after_they_were_packed(results: list[Result]) -> None:
    batch, states = pack(results, lambda it: it[1].encode())
    assert batch.results() == results
    assert batch.results(kept=True) == [result._replace(is_kept=True) for result in results]
    assert dict(states) == dict(batch.states())
    assert {it for it, _ in states} == {it for result in results for it in result.dependencies}
    assert all(state == it[1].encode() for it, state in states)


@given(st.lists(RESULTS))
def test_heads_are_all_but_dependencies_and_bodies(results: list[Result]) -> None:
    heads = read_heads(pack(results, lambda it: None)[0].heads)
    assert heads == [result._replace(dependencies=(), body=b"") for result in results]


@given(st.lists(RESULTS), st.sets(DEPENDENCIES))
def test_who_depends_on_something_is_found(results: list[Result], wanted: set[tuple[str, str]]) -> None:
    batch, _ = pack(results, lambda it: None)
    using = [number for number, it in enumerate(results) if not wanted.isdisjoint(it.dependencies)]
    assert list(batch.using(wanted)) == using


def test_a_freeze_is_told_what_it_has_to_know() -> None:
    made_of = (("page", "a"), ("disk", "b"), ("hooks", "c"), ("body", "d"))
    states = {("page", "a"): b"1", ("disk", "b"): b"2", ("body", "d"): NEVER}
    batches: list[Batch] = []
    intake = Intake(batches.append)
    intake.pack([Result(Target("/", "/", "index.html", "a"), "x", dependencies=made_of)], states.get)
    assert intake.states == {("disk", "b"): b"2", ("body", "d"): NEVER}
    assert intake.unknown == {("hooks", "c")}
    assert [it.target.path for it in batches[0].results()] == ["/"]


def test_what_two_tell_in_two_ways_never_stands() -> None:
    intake = Intake(lambda batch: None)
    for state in (b"1", b"2", b"1"):
        intake.pack([Result(Target("/", "/", "", ""), dependencies=(("disk", "b"),))], lambda it, s=state: s)  # type: ignore[misc]
    assert intake.states == {("disk", "b"): NEVER}
