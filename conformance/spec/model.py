"""The value objects of a spec: resources, claims about them, and what is left untested and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

from attrs import field, frozen

from conformance.contract import Operation
from conformance.names import Glob, any_matches
from conformance.spec.claims import Claim, Fact
from conformance.spec.scenarios import Scenario, resources_in

Role = Literal["create", "get", "update", "delete", "list"]


@frozen
class NotFound:
    """What answers a request for a resource that does not exist.

    Attributes:
        codes: each of them is right.
    """

    codes: frozenset[str]
    claim: Claim


@frozen
class Transition:
    """An update that a resource takes in some states only, such as to cancel what is running.

    Attributes:
        state: the resource, as far as it matters: a member → its value, or a list of values each of
            which will do.
        input: what the update operation takes then, besides identifiers.
        ends: whether that ends what a run cannot delete.
    """

    state: Mapping[str, Any]
    input: Mapping[str, Any]
    ends: bool = False


@frozen
class States:
    """The states that a resource goes through, not always so slowly that each can be seen.

    Attributes:
        member: shows the state.
        following: state → what may come right after it; nothing after an end.
    """

    member: str
    following: Mapping[str, frozenset[str]]
    claim: Claim

    def after(self, state: str) -> frozenset[str]:
        """All states that may come after one, by way of others, too."""
        found: set[str] = set()
        ahead = [state]
        while ahead:
            new = self.following.get(ahead.pop(), frozenset()) - found
            found |= new
            ahead += sorted(new)
        return frozenset(found)

    def may_follow(self, state: str, before: str) -> bool:
        """Whether one state may be seen after another; of those it does not know, each may."""
        known = {state, before} <= self.following.keys()
        return not known or state == before or state in self.after(before)


@frozen
class Resource:
    """A kind of resource: how to make one, how to name it, and what its operations promise.

    A variant (``like``) is made as another kind is, from another input. It is there for others to
    need; all that is said of its kind holds for it, and it is not checked by itself.

    Attributes:
        like: the kind that it is a variant of; empty for a kind.
        operations: by role.
        returned_as: the output member that holds it in create, get and update; empty where the
            output is the resource itself.
        listed_as: the output member of its list operation that holds the summaries.
        identifiers: input member → where its value comes from: a member of the resource as
            returned (``id``), or of another resource (``collaboration.id``).
        tagged_by: the member that holds the ARN for the tag operations; empty if not taggable.
        input: a valid input of its create operation, with ``${…}`` for what depends on the run.
        optional: members of its create input that it does without, as a rule, each with a value.
        exclusive: parents that hold only one such resource, so a new one needs new parents.
        requires: what has to exist besides the parents that the input names.
        delete_first: parents that must be deleted before it can be.
        pick: what one that exists already has to show for a run that only reads.
        shows: what the target has to show of a new one, for it to be of use to others.
        until: what has to come true by itself before it is of use to others.
        account: which of the target's accounts makes it.
        echo: create input member → the member that shows it.
        updatable: update input member → a value that differs from the one in ``input``.
        transitions: updates that depend on its state; the first that fits is taken.
        states: the states that it goes through.
        volatile: members that change without anybody asking for it.
        unordered: members whose order is not promised.
        timestamps: the members with the time of creation and of the last change.
        not_found: by operation; ``*`` for all others.
    """

    name: str
    operations: Mapping[Role, str]
    returned_as: str
    listed_as: str
    identifiers: Mapping[str, str]
    input: Mapping[str, Any]
    like: str = ""
    optional: Mapping[str, Any] = field(factory=dict)
    tagged_by: str = ""
    exclusive: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    delete_first: tuple[str, ...] = ()
    pick: Mapping[str, Any] = field(factory=dict)
    shows: Mapping[str, Any] = field(factory=dict)
    until: Mapping[str, Any] = field(factory=dict)
    account: int = 0
    transitions: tuple[Transition, ...] = ()
    states: States | None = None
    volatile: frozenset[str] = frozenset()
    unordered: frozenset[str] = frozenset()
    timestamps: tuple[str, ...] = ()
    echo: Claim | None = None
    updatable: Claim | None = None
    summary: Claim | None = None
    created: Claim | None = None
    deleted: NotFound | None = None
    not_found: Mapping[str, NotFound] = field(factory=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """Its name in prose."""
        return self.name.replace("_", " ")

    @property
    def one(self) -> str:
        """Its name in prose with an article."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.title}"

    @property
    def kind(self) -> str:
        """The name of its kind: its own, or that of the kind it is a variant of."""
        return self.like or self.name

    @property
    def can_be_ended(self) -> bool:
        """Whether an update ends what nothing deletes."""
        return any(transition.ends for transition in self.transitions)

    def role_of(self, operation: str) -> Role | None:
        """Which of its roles the operation plays, if any."""
        return next((role for role, name in self.operations.items() if name == operation), None)


@frozen
class Untested:
    """Sites at which a refusal is not demanded, or not excluded, and why.

    Attributes:
        sites: a pattern on ``Operation:path`` with ``*``.
        kinds: the kinds of constraint; empty for all.
    """

    sites: re.Pattern[str]
    kinds: frozenset[str]
    why: str
    facts: tuple[str, ...]


@frozen
class Together:
    """Members that an input has to have as well, if it has something at some sites.

    Attributes:
        sites: a pattern on ``Operation:path=value`` with ``*``.
    """

    sites: re.Pattern[str]
    members: Mapping[str, Any]


@frozen
class Unprovoked:
    """Errors that no call of a run provokes, and why.

    Attributes:
        operations: patterns on the operations that declare them.
        on_demand: the kind of failure that provokes them where a target offers failures on demand.
    """

    errors: frozenset[str]
    operations: tuple[Glob, ...]
    why: str
    on_demand: str = ""


@frozen
class Accounts:
    """How a target tells who calls it.

    Attributes:
        resource: a kind of resource that shows the account that made it.
        member: where it shows that.
        input: members of its create input that are to be other than in the spec.
        names: input members that name what is its owner's alone.
        private: what answers another account that names such a thing.
    """

    resource: str
    member: str
    input: Mapping[str, Any]
    names: frozenset[str] = frozenset()
    private: NotFound | None = None


@frozen
class Spec:
    """Everything that ``specs/<service>/`` says.

    Attributes:
        resources: the kinds of resources, by name.
        variants: the variants of these kinds, by name.
        calls: inputs of operations that play no role of a resource, by operation.
        ruled: what the contract allows, and a rule beyond it may forbid.
        together: what goes with what in a valid input.
        time_precision: how many decimal ``digits`` times in seconds have at most.
        unprovoked: errors that no call provokes, or may not, and why.
        unsure: operations whose input in ``calls`` may be refused for all that is known.
        avoid: shape name → enum values that no valid input should use.
        unjudged: shape name → kinds of constraint that outputs are not held against.
        tagging: what is promised of tags, by promise; empty where nothing is taggable.
        tag_names: the operations that tag (``tag``, ``untag``, ``list``) and their members
            (``arn``, ``tags``, ``keys``).
        refusals: the codes that refuse an ``invalid`` input and, besides, one of ``wrong_type``.
        accounts: how a target tells who calls it; None where it does not.
        prerequisites: what it needs of other services, by name, in a reader's words.
        scenarios: what comes of a few calls one after the other, by name.
        facts: what the documentation states, by id.
    """

    service: str
    resources: Mapping[str, Resource] = field(factory=dict)
    variants: Mapping[str, Resource] = field(factory=dict)
    calls: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    untested: tuple[Untested, ...] = ()
    ruled: tuple[Untested, ...] = ()
    together: tuple[Together, ...] = ()
    time_precision: Claim | None = None
    unprovoked: tuple[Unprovoked, ...] = ()
    unsure: frozenset[str] = frozenset()
    avoid: Mapping[str, frozenset[str]] = field(factory=dict)
    unjudged: Mapping[str, frozenset[str]] = field(factory=dict)
    tagging: Mapping[str, Claim] = field(factory=dict)
    tag_names: Mapping[str, str] = field(factory=dict)
    refusals: Mapping[str, frozenset[str]] = field(factory=dict)
    not_found: NotFound | None = None
    accounts: Accounts | None = None
    prerequisites: Mapping[str, str] = field(factory=dict)
    scenarios: Mapping[str, Scenario] = field(factory=dict)
    facts: Mapping[str, Fact] = field(factory=dict)

    @cached_property
    def _by_operation(self) -> dict[str, Resource]:
        return {
            operation: resource
            for resource in self.resources.values()
            for operation in resource.operations.values()
        }

    def makes(self, name: str) -> bool:
        """Whether the name is one of a kind of resource or of a variant."""
        return name in self.resources or name in self.variants

    def recipe(self, name: str) -> Resource:
        """How to make a kind of resource, or a variant of one."""
        return self.resources[name] if name in self.resources else self.variants[name]

    def needed_for(self, names: Iterable[str]) -> frozenset[str]:
        """The kinds of resources, and all that has to exist for them to be made."""
        found: set[str] = set()
        ahead = [name for name in names if self.makes(name)]
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                recipe = self.recipe(name)
                needed = (*recipe.requires, *resources_in(recipe.input))
                ahead += [each for each in needed if self.makes(each)]
        return frozenset(found)

    def owner(self, operation: Operation) -> Resource | None:
        """The resource in which the operation plays a role."""
        return self._by_operation.get(operation.name)

    def is_identifier(self, member: str) -> bool:
        """Whether an input member of that name says which resource is meant."""
        if member == self.tag_names.get("arn"):
            return True
        return any(member in resource.identifiers for resource in self.resources.values())

    def untested_because(self, site: str, kind: str) -> str:
        """Why a refusal is not demanded at a constraint site; empty where it is."""
        return next(
            (
                rule.why
                for rule in self.untested
                if rule.sites.fullmatch(site) and (not rule.kinds or kind in rule.kinds)
            ),
            "",
        )

    def unprovoked_because(self, operation: str, error: str) -> str:
        """Why no call provokes an error of an operation; empty where one should."""
        rule = self._unprovoked(operation, error)
        return rule.why if rule else ""

    def on_demand(self, operation: str, error: str) -> str:
        """The kind of failure on demand that provokes an error; empty where there is none."""
        rule = self._unprovoked(operation, error)
        return rule.on_demand if rule else ""

    def _unprovoked(self, operation: str, error: str) -> Unprovoked | None:
        rules = (rule for rule in self.unprovoked if error in rule.errors)
        return next((rule for rule in rules if any_matches(rule.operations, operation)), None)

    def ruled_because(self, site: str) -> str:
        """Why a rule may forbid what the contract allows at a site; empty where none may."""
        return next((rule.why for rule in self.ruled if rule.sites.fullmatch(site)), "")

    def together_with(self, site: str) -> dict[str, Any]:
        """The members that an input has to have as well, if it is to have something at a site."""
        return {
            name: value
            for rule in self.together
            if rule.sites.fullmatch(site)
            for name, value in rule.members.items()
        }

    def invalid_codes(self, *, wrong_type: bool) -> frozenset[str]:
        """The codes that refuse an invalid input; empty where the spec names none."""
        codes = self.refusals.get("invalid", frozenset())
        return codes | self.refusals.get("wrong_type", frozenset()) if wrong_type else codes

    def not_found_at(self, operation: Operation) -> NotFound | None:
        """What answers the operation when what it asks for does not exist."""
        owner = self.owner(operation)
        if owner is not None:
            found = owner.not_found.get(operation.name) or owner.not_found.get("*")
            if found is not None:
                return found
        return self.not_found


#: The spec of a service that has none.
EMPTY = Spec(service="")
