"""Tagged unions in inputs: exactly one member is set."""

from __future__ import annotations

from conformance.contract import UnionSite
from conformance.generation import UnionKind, union_violation
from conformance.suite.checks import MUST, check, protocol
from conformance.suite.refusals import base_of, refuses
from conformance.suite.run import Run
from conformance.suite.sites import unions, unions_of_several


def refused_at(site: UnionSite, kind: UnionKind, name: str, run: Run) -> None:
    """Sends a valid input whose union is set in the wrong way; it has to be refused."""
    prepared = base_of(site.operation, run)
    refuses(
        run,
        site.operation,
        prepared,
        union_violation(site, kind, prepared.params),
        rule=f"{site.path} is a union",
        cause=f"{name}@{site.operation}",
        wrong_type=True,
    )


@check(
    "union.no-member",
    level=MUST,
    cites=protocol("union: exactly one member is set"),
    over=unions,
)
def test_a_union_without_a_member_is_refused(site: UnionSite, run: Run) -> None:
    """A request that sets no member of a tagged union is refused."""
    refused_at(site, "none", "union.no-member", run)


@check(
    "union.two-members",
    level=MUST,
    cites=protocol("union: exactly one member is set"),
    over=unions,
)
def test_a_union_with_two_members_is_refused(site: UnionSite, run: Run) -> None:
    """A request that sets two members of a tagged union is refused."""
    refused_at(site, "two", "union.two-members", run)


@check(
    "union.unknown-member",
    level=MUST,
    cites=protocol("union: exactly one member is set, and it is one of the union's"),
    over=unions,
)
def test_a_union_with_an_unknown_member_is_refused(site: UnionSite, run: Run) -> None:
    """A request whose tagged union has only a member that the contract does not know is refused."""
    refused_at(site, "unknown", "union.unknown-member", run)


@check(
    "union.all-members",
    level=MUST,
    cites=protocol("union: exactly one member is set"),
    over=unions_of_several(3),
)
def test_a_union_with_all_members_is_refused(site: UnionSite, run: Run) -> None:
    """A request that sets every member of a tagged union is refused."""
    refused_at(site, "all", "union.all-members", run)


@check(
    "union.null-member",
    level=MUST,
    cites=protocol("union: exactly one member is set, and null sets none"),
    over=unions,
)
def test_a_union_whose_member_is_null_is_refused(site: UnionSite, run: Run) -> None:
    """A request whose tagged union has null for its only member is refused."""
    refused_at(site, "null", "union.null-member", run)


@check(
    "union.extra-member",
    level=MUST,
    cites=protocol("union: exactly one member is set, also when only one of two is known"),
    over=unions,
)
def test_a_union_with_an_extra_member_is_refused(site: UnionSite, run: Run) -> None:
    """A request that sets an unknown member beside that of a tagged union is refused."""
    refused_at(site, "extra", "union.extra-member", run)
