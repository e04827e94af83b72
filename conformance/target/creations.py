"""Notes each call that may create something before it is sent, whoever makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import define, field

from conformance.contract import Operation
from conformance.spec import Resource, Spec
from conformance.target.journal import Journal
from conformance.wire.reply import Reply

_SERVER_ERRORS: Final = 500


@define(eq=False)
class Creations:
    """Writes to the journal what is under way, so that a run that is killed leaves a trace."""

    spec: Spec
    journal: Journal
    run_id: str
    _keys: dict[str, str] = field(factory=dict, init=False)

    def announce(self, operation: Operation) -> Callable[[Reply], None]:
        """Notes that a call of an operation is about to be sent, if that creates something.

        Returns:
            What is to be told of the answer; where there is none, nobody knows what was made.
        """
        owner = self.spec.owner(operation)
        if owner is None or owner.role_of(operation.name) != "create":
            return _nothing
        key = self.journal.creating(owner.name, operation.name, self.run_id)
        self._keys[operation.name] = key

        def answered(reply: Reply) -> None:
            # Of a target that failed nobody knows whether it had made something before.
            if not reply.ok and (reply.status < _SERVER_ERRORS or reply.says_not_implemented):
                self.journal.refused(key)

        return answered

    def key_of(self, resource: Resource) -> str:
        """The key of what the last creation of its kind has made; a new one for what was found."""
        operation = resource.operations["create"]
        found = self._keys.pop(operation, "")
        return found or self.journal.creating(resource.name, operation, self.run_id)


def _nothing(_reply: Reply) -> None:
    """No creation, nothing to note."""
