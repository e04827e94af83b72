"""Sets of lengths are those of texts, gaps included."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from conformance.generation.lengths import EMPTY, NONE, Lengths

CAP = 30

spans = st.tuples(st.integers(0, CAP), st.integers(0, 4)).map(lambda pair: (pair[0], sum(pair)))
sets = st.lists(spans, max_size=3).map(lambda found: Lengths.of(found, CAP))


@given(sets)
def test_a_set_holds_what_it_lists(lengths: Lengths) -> None:
    listed = list(lengths)
    assert listed == sorted(set(listed))
    assert [length for length in range(CAP + 5) if length in lengths] == listed
    if listed:
        assert (lengths.least, lengths.most) == (listed[0], listed[-1])


@given(sets, sets)
def test_texts_joined_have_the_sums_of_their_lengths(one: Lengths, other: Lengths) -> None:
    expected = {a + b for a, b in product(one, other) if a + b <= CAP}
    assert set(one.plus(other, CAP)) == expected


@given(sets, st.integers(0, 4), st.one_of(st.none(), st.integers(0, 6)))
def test_texts_repeated_have_the_sums_of_so_many(
    lengths: Lengths, least: int, most: int | None
) -> None:
    expected: set[int] = set()
    total = {0}
    for count in range(CAP + 1 if most is None else most + 1):
        if count >= least:
            expected |= total
        total = {a + b for a, b in product(total, lengths) if a + b <= CAP}
    if most is None or least <= most:
        assert set(lengths.times(least, most, CAP)) == expected


@given(sets, sets, st.integers(0, CAP), st.integers(0, CAP))
def test_what_may_stand_before_others_leaves_them_room(
    one: Lengths, rest: Lengths, low: int, high: int
) -> None:
    low, high = sorted((low, high))
    expected = {a for a in one if any(low <= a + b <= high for b in rest)}
    assert set(Lengths(one.before(rest, low, high))) == expected


def test_nothing_repeated_no_times_is_the_empty_text() -> None:
    assert NONE.times(0, 5, CAP) == EMPTY
    assert NONE.times(1, 5, CAP) == NONE
    assert EMPTY.times(3, None, CAP) == EMPTY


def test_many_repetitions_are_followed_quickly() -> None:
    lengths = Lengths(((4, 4), (7, 7))).times(0, None, 100_000)
    assert 4 * 7 in lengths
    assert 5 not in lengths
