"""Lists that change while they are walked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen

from conformance.contract import Contract, Operation
from conformance.spec import Resource, Spec
from conformance.suite.checks import MAY, check, documented
from conformance.suite.handling import deleted, row_of
from conformance.suite.lists import listed
from conformance.suite.paging import Walk, steps
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite, paged
from conformance.target.finding import list_parents
from conformance.target.instances import Instance, identity_of
from conformance.target.outcomes import Deviation, Inconclusive

#: So many are made to be deleted: whichever is met first is, and the other has to be met later.
_OWN: Final = 2
#: Others may use the list, too; what goes wrong in each of so many walks is not their doing.
_WALKS: Final = 3

#: Changes a list that is being walked: is given the items of a page, tells whether it did.
Change = Callable[[list[Any]], bool]


@frozen
class ChangingSite:
    """A list of which the spec says how to make several items."""

    paged: PagedSite
    owner: Resource

    @property
    def operation(self) -> Operation:
        """The operation that lists."""
        return self.paged.operation

    def __str__(self) -> str:
        return self.operation.name


def growing(contract: Contract, spec: Spec) -> Iterator[ChangingSite]:
    """Each list of which the spec says how to make several items."""
    for site in paged(contract, spec):
        owner = spec.owner(site.operation)
        if owner is None or "create" not in owner.operations:
            continue
        if set(list_parents(contract, owner)).isdisjoint(owner.exclusive):
            yield ChangingSite(site, owner)


def shrinking(contract: Contract, spec: Spec) -> Iterator[ChangingSite]:
    """Each such list of which the spec says how to delete an item, too."""
    return (site for site in growing(contract, spec) if "delete" in site.owner.operations)


@check(
    "pagination.creation-meanwhile",
    level=MAY,
    cites=documented("no source says what a walk yields of a list that changes"),
    over=growing,
    writes=True,
    spread=4,
)
def test_a_creation_meanwhile_hides_and_doubles_nothing(site: ChangingSite, run: Run) -> None:
    """What is in a list all the time is yielded once by a walk in which another item is created."""

    def creating(_own: list[Instance]) -> Change:
        def create(_page: list[Any]) -> bool:
            run.world.fresh(site.owner.name)
            return True

        return create

    _check_while(site, run, creating, "An item that is created meanwhile", own=0)


@check(
    "pagination.deletion-meanwhile",
    level=MAY,
    cites=documented("no source says what a walk yields of a list that changes"),
    over=shrinking,
    writes=True,
    spread=4,
)
def test_a_deletion_meanwhile_hides_and_doubles_nothing(site: ChangingSite, run: Run) -> None:
    """What is in a list all the time is yielded once by a walk that deletes what it has passed."""

    def deleting(own: list[Instance]) -> Change:
        def delete(page: list[Any]) -> bool:
            passed = {identity_of(item) for item in page}
            found = next((each for each in own if _key(each) in passed), None)
            if found is None:
                return False
            try:
                deleted(found, run.world, run.client)
            except Deviation as outcome:
                raise Inconclusive(f"{found.resource.one} could not be deleted") from outcome
            own.remove(found)
            return True

        return delete

    _check_while(site, run, deleting, "An item that is deleted meanwhile", own=_OWN)


def _check_while(
    site: ChangingSite,
    run: Run,
    changing: Callable[[list[Instance]], Change],
    what: str,
    *,
    own: int,
) -> None:
    walks = 0
    while (found := _wrong_while(site, run, changing, what, own)) is not None:
        walks += 1
        if walks == _WALKS:
            raise found
        run.world.end_check()
        # Who repeats what is found needs the last walk only.
        run.client.start_trace()


def _wrong_while(
    site: ChangingSite,
    run: Run,
    changing: Callable[[list[Instance]], Change],
    what: str,
    count: int,
) -> Deviation | None:
    """What is wrong with a walk in which the list changes."""
    params, known = listed(site.paged, run)
    own = [run.world.fresh(site.owner.name) for _ in range(count)]
    for each in own:
        if row_of(each, run.world, run.client) is None:
            raise Inconclusive(f"{each.resource.one} that was made is not in its list")
    change, changed, done = changing(own), False, Walk()
    try:
        for page in steps(done, run.client, site.paged, params, 1):
            changed = changed or change(page)
    except Deviation as outcome:
        return outcome
    times = Counter(done.keys)
    stayed = known | {_key(each) for each in own}
    wrong = sorted(key for key in stayed if times[key] != 1)
    if not wrong:
        return None
    return Deviation(
        f"{what} {'doubles' if times[wrong[0]] else 'hides'} another.",
        expected=f"each of {len(stayed)} items that stayed once",
        got=f"{wrong[0][:80]} {times[wrong[0]]} times",
    )


def _key(instance: Instance) -> str:
    return identity_of(dict(instance.output))
