"""Lists that change while they are walked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from conformance.suite.checks import MAY, check, documented
from conformance.suite.handling import deleted
from conformance.suite.lists import OwnedSite, growing, listed, shrinking
from conformance.suite.paging import MOST_PAGES, Walk, steps, walk_steadily
from conformance.suite.run import Run
from conformance.target.instances import Instance, identity_of
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable

#: So many are made to be deleted: whichever is met first is, and the other has to be met later.
_OWN: Final = 2
#: Others may use the list, too; what goes wrong in each of so many walks is not their doing.
_WALKS: Final = 3
#: How long a list may lag behind what was made, in seconds; AWS's own handlers bear a minute.
_LAG_S: Final = 5.0

#: Changes a list that is being walked: is given the items of a page and what was made to be
#: deleted, tells whether it did.
Change = Callable[[list[Any], list[Instance]], bool]


@check(
    "pagination.creation-meanwhile",
    level=MAY,
    cites=documented("no source says what a walk yields of a list that changes"),
    over=growing,
    writes=True,
    spread=4,
)
def test_a_creation_meanwhile_hides_and_doubles_nothing(site: OwnedSite, run: Run) -> None:
    """What is in a list all the time is yielded once by a walk in which another item is created."""

    def create(_page: list[Any], _own: list[Instance]) -> bool:
        run.world.fresh(site.owner.name)
        return True

    _check_while(site, run, create, "created", own=0)


@check(
    "pagination.deletion-meanwhile",
    level=MAY,
    cites=documented("no source says what a walk yields of a list that changes"),
    over=shrinking,
    writes=True,
    spread=4,
)
def test_a_deletion_meanwhile_hides_and_doubles_nothing(site: OwnedSite, run: Run) -> None:
    """What is in a list all the time is yielded once by a walk that deletes what it has passed."""

    def delete(page: list[Any], own: list[Instance]) -> bool:
        passed = {identity_of(item) for item in page}
        found = next((each for each in own if _key(each) in passed), None)
        if found is None:
            return False
        try:
            deleted(found, run.world, run.client)
        except (Deviation, Inconclusive) as outcome:
            raise NotTestable(f"{found.resource.one} could not be deleted") from outcome
        own.remove(found)
        return True

    _check_while(site, run, delete, "deleted", own=_OWN)


def _check_while(site: OwnedSite, run: Run, change: Change, how: str, *, own: int) -> None:
    walks = 0
    while (found := _wrong_while(site, run, change, how, own)) is not None:
        walks += 1
        if walks == _WALKS:
            raise found
        run.world.end_check()
        # Who repeats what is found needs the last walk only.
        run.client.start_trace()


def _wrong_while(
    site: OwnedSite, run: Run, change: Change, how: str, count: int
) -> Deviation | None:
    """What is wrong with a walk in which the list changes."""
    params, known = listed(site.paged, run)
    own = [run.world.fresh(site.owner.name) for _ in range(count)]
    _check_walkable(known | set(map(_key, own)), site, run, params)
    changed, done = False, Walk()
    walk = steps(done, run.client, site.paged, params, 1)
    while True:
        try:
            page = next(walk, None)
        except Deviation as outcome:
            if not changed:
                raise
            return _deviation(f"An item is {how} meanwhile, and the walk fails.", outcome.got)
        if page is None:
            break
        changed = changed or change(page, own)
    if not changed or len(done.pages) == 1:
        raise NotTestable("the list has only one page")
    times = Counter(done.keys)
    stayed = known | {_key(each) for each in own}
    wrong = sorted(key for key in stayed if times[key] != 1)
    if not wrong:
        return None
    told = "doubles" if times[wrong[0]] else "hides"
    got = f"{wrong[0][:80]} {times[wrong[0]]} times"
    return _deviation(f"An item is {how} meanwhile, and that {told} another.", got)


def _deviation(message: str, got: str) -> Deviation:
    return Deviation(
        message, expected="each item that stayed once, up to the end", got=got, whole=True
    )


def _check_walkable(keys: set[str], site: OwnedSite, run: Run, params: dict[str, Any]) -> None:
    """Waits until a list shows what was made, on small pages as well.

    Raises:
        NotTestable: it does not, or it is too long to be walked item by item.
    """
    size, wrong = site.paged.largest_page, "the list cannot be walked as it is, either"
    try:
        for _ in run.client.looks(_LAG_S):
            there = walk_steadily(run.client, site.paged, params, size).keys
            if keys <= set(there):
                break
        else:
            raise NotTestable("the list does not show what was made, which other checks look at")
        if len(there) > MOST_PAGES // 2:
            raise NotTestable(f"the list has {len(there):,} items, too many to walk one by one")
        times = Counter(walk_steadily(run.client, site.paged, params, 1).keys)
    except Deviation as outcome:
        raise NotTestable(wrong) from outcome
    if any(times[key] != 1 for key in keys):
        raise NotTestable(wrong)


def _key(instance: Instance) -> str:
    return identity_of(dict(instance.output))
