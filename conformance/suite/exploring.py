"""Draws sequences of calls on one kind of resource, by a state machine of Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conformance.spec import Resource
from conformance.suite.habits import Habits, belongings
from conformance.suite.inventory import Aspect, Inventory
from conformance.suite.run import Run
from conformance.suite.shrinking import Shrinking

Act = Literal["create", "update", "delete", "delete_home", "trespass", "change_state", "wait"]

#: How often each act is drawn. Rules of their own would be switched off in many sequences, as
#: Hypothesis does to find what takes many of the same; there are too few sequences for that here.
_WEIGHTS: Final[Mapping[Aspect, Mapping[Act, int]]] = {
    "values": {"create": 2, "update": 5, "delete": 1, "delete_home": 1, "trespass": 1},
    "presence": {"create": 3, "update": 1, "delete": 2, "delete_home": 1, "trespass": 2},
    "states": {"create": 1, "wait": 4, "change_state": 2, "delete_home": 1},
}
#: So many at a time suffice to get in each other's way.
_MANY: Final = 3
_PICK: Final = st.integers(0, 5)


class Exploration(RuleBasedStateMachine):
    """A walk through the calls on one kind of resource; looks at everything after each of them."""

    def __init__(self, inventory: Inventory, shrinking: Shrinking) -> None:
        super().__init__()
        shrinking.begin()
        inventory.run.client.start_trace()
        self.inventory = inventory
        self.shrinking = shrinking

    @invariant()
    def all_is_as_it_has_to_be(self) -> None:
        """All that is there is held against what must be there."""
        self.shrinking.watch(self.inventory.look)

    def teardown(self) -> None:
        """What the sequence made goes."""
        self.inventory.run.world.end_check()

    def do(self, act: Act, pick: int, other: int) -> None:
        """Makes a call.

        Args:
            pick: which of the resources that are there, or of their homes.
            other: which of the members, or of the ways to do it.
        """
        there = self.inventory.things
        if not there or act == "create":
            # Where there are many, it is a call that is left out.
            if sum(not thing.instance.gone for thing in there) < _MANY:
                self.inventory.create(pick % 2)
        elif act == "delete_home":
            self.inventory.delete_home(pick % 2)
        elif act == "wait":
            self.inventory.wait()
        else:
            self._do_to(pick % len(there), act, other)

    def _do_to(self, index: int, act: Act, other: int) -> None:
        thing, habits = self.inventory.things[index], self.inventory.habits
        if act == "update":
            names = sorted(habits.updatable)
            chosen = [name for bit, name in enumerate(names) if (other + 1) >> bit & 1]
            self.inventory.update(thing, chosen or names, back=other > len(names))
        elif act == "trespass":
            self.inventory.trespass(thing, habits.guarded[other % len(habits.guarded)])
        elif act == "change_state":
            self.inventory.change_state(thing)
        else:
            self.inventory.delete(thing)


def exploration(
    run: Run, resource: Resource, habits: Habits, aspect: Aspect
) -> Callable[[Shrinking], type[RuleBasedStateMachine]]:
    """The state machine that explores a kind of resource, made for one search.

    Args:
        habits: what the target does right with it when a single thing is done.
        aspect: what it is held against.
    """
    possible = _possible(run, resource, habits)
    weights = _WEIGHTS[aspect].items()
    acts = [act for act, weight in weights for _ in range(weight) if act in possible]

    def of(search: Shrinking) -> type[RuleBasedStateMachine]:
        class Explored(Exploration):
            def __init__(self) -> None:
                super().__init__(Inventory(run, resource, habits, aspect), search)

            @rule(act=st.sampled_from(acts), pick=_PICK, other=_PICK)
            def act(self, act: Act, pick: int, other: int) -> None:
                search.watch(self.do, act, pick, other)

        return Explored

    return of


def _possible(run: Run, resource: Resource, habits: Habits) -> set[Act]:
    """What can be done to a kind of resource."""
    possible: set[Act] = {"create"}
    if habits.updatable:
        possible.add("update")
    if "delete" in resource.operations:
        possible.add("delete")
    if belongings(run, resource):
        possible.add("delete_home")
    if habits.guarded:
        possible.add("trespass")
    if resource.transitions:
        possible.add("change_state")
    if resource.states:
        possible.add("wait")
    return possible
