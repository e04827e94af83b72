"""Who the accounts of a target are, as the target itself tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

from conformance.target.outcomes import Inconclusive, NotImplementedByTarget, NotTestable

if TYPE_CHECKING:  # a world knows who its accounts are by what they make in it
    from conformance.target.world import World

#: Somebody, where nobody tells who.
_SOMEBODY: Final = "222222222222"


@define(eq=False)
class Identities:
    """The ids of a target's accounts.

    Whoever takes keys without looking, as some emulators do, has one account behind all of them.
    """

    world: World
    _known: dict[int, str] = field(factory=dict, init=False)

    def of(self, number: int) -> str:
        """The id of an account, from its keys or else from the target; made up if nobody tells.

        Args:
            number: which of the target's accounts; one more than it has is somebody else.
        """
        accounts = self.world.client.target.accounts
        if number >= len(accounts):
            return _SOMEBODY
        return accounts[number].account_id or self._told(number) or _SOMEBODY

    def check_apart(self) -> None:
        """Makes sure that the target tells the first account from the second.

        Raises:
            NotTestable: it has one account only, or does not tell.
        """
        if len(self.world.client.target.accounts) == 1:
            raise NotTestable("it takes a second account; name one with a second --profile")
        first, second = self._told(0), self._told(1)
        if not first or not second:
            raise NotTestable("the target does not tell which account calls")
        if first == second:
            raise NotTestable(f"the target takes the keys of both accounts for those of {first}")

    def _told(self, number: int) -> str:
        if number not in self._known:
            # What is made to ask may name this very account: for that one, any will do.
            self._known[number] = ""
            self._known[number] = self._asked(number)
        return self._known[number]

    def _asked(self, number: int) -> str:
        how, world = self.world.spec.accounts, self.world
        if how is None or world.read_only:
            return ""
        try:
            made = world.fresh(how.resource, how.input, keep=True, account=number)
            return str(made.value(how.member))
        except (Inconclusive, NotImplementedByTarget):
            return ""
