"""Random requests for the reference target: most of them sensible, some of them broken."""

from __future__ import annotations

import string
from random import Random
from typing import Any

from attrs import frozen
from reference_support import (
    ONE,
    THREE,
    TWO,
    Account,
    check_against_contract,
    request_of,
    send,
)

from conformance.contract import Member, Operation, Shape
from conformance.reference import ReferenceTarget

ACCOUNTS = (ONE, TWO, THREE)
JUNK = (None, 0, -1, 1.5, True, "", "x", [], {}, [[]], {"a": 1}, "\x00", 10**30, [None], {"": None})
TEXTS = (
    *("abc", "a_b", "orders", "x", "A1", "bucket-name", "", " ", "é😀", "a" * 300),
    *(
        "select id from orders",
        "select sum(total) from orders, lists where a = 'b",
        "s3://bucket/p",
    ),
    "arn:aws:iam::111111111111:role/service/run",
    "arn:aws:kms:us-east-1:111111111111:key/abc",
    "arn:aws:entityresolution:us-east-1:111111111111:idnamespace/source",
    "arn:aws:entityresolution:us-east-1:222222222222:idnamespace/target",
    "arn:aws:entityresolution:us-east-1:111111111111:idmappingworkflow/flow",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:s",
    "arn:aws:cleanrooms-ml:us-east-1:111111111111:configured-audience-model/m",
    "https://x.cloud.databricks.com",
)
RENAMED = {"collaborationChangeRequest": "changeRequest"}
ALIASES = {
    "analysisId": "protectedQueryIdentifier",
    "analysisIdentifier": "protectedQueryIdentifier",
}
#: How many of each kind are remembered, so that the fuzzer looks at what is new.
REMEMBERED = 12
#: What thins the world out comes less often.
SELDOM = {"DeleteCollaboration": 0.1, "DeleteMember": 0.2, "DisallowIntermediateTable": 2.0}


@frozen
class Known:
    """Something that exists: who sees it, and the labels that lead to it."""

    account: str
    labels: dict[str, str]


class Fuzzer:
    """Makes requests from what earlier answers told.

    Attributes:
        answered: how often each operation succeeded.
        refused: how often each code came back.
    """

    def __init__(self, app: ReferenceTarget, seed: int) -> None:
        self.app = app
        self.random = Random(seed)
        self.known: dict[str, list[Known]] = {}
        self.arns: list[str] = []
        self.tokens: list[str] = []
        self.context = Known(ONE, {})
        self.answered: dict[str, int] = {}
        self.refused: dict[str, int] = {}

    def watch(self, account: Account) -> None:
        """Learns from what an account is answered."""
        ask = account.call

        def call(operation: Operation, params: dict[str, Any]) -> Any:
            document = ask(operation, params)
            self.learn(document, account.id)
            return document

        account.call = call  # type: ignore[method-assign]  # a spy on one object

    def run(self, calls: int) -> None:
        operations = [self.app.contract.operations[name] for name in self.app.operations]
        weights = [
            SELDOM.get(each.name, 1.0 if each.method == "DELETE" else 6.0) for each in operations
        ]
        for operation in self.random.choices(operations, weights, k=calls):
            self.call(operation)

    def call(self, operation: Operation) -> None:
        random = self.random
        self.context = self.pick(operation)
        params = self.structure(operation.input, broken=random.random() < 0.15)
        for name in operation.labels:
            params[name] = params.get(name) or "x"
        method, target, body = request_of(operation, params)
        if body and random.random() < 0.03:
            cut = random.randrange(len(body))
            body = body[:cut] + bytes([random.randrange(256)]) + body[cut + 1 :]
        account = self.context.account if random.random() < 0.9 else random.choice(ACCOUNTS)
        reply = send(self.app, method, target, body, account=account)
        if reply.code == "UnknownOperationException":
            return
        check_against_contract(self.app.contract, operation, reply)
        tally, key = (
            (self.answered, operation.name) if reply.status < 300 else (self.refused, reply.code)
        )
        tally[key] = tally.get(key, 0) + 1
        if reply.status < 300:
            self.learn(reply.document, account)

    def pick(self, operation: Operation) -> Known:
        """Something that the operation's most telling label can name."""
        for label in reversed(operation.labels):
            if self.known.get(label) and self.random.random() < 0.95:
                return self.random.choice(self.known[label])
        everything = [each for known in self.known.values() for each in known]
        return self.random.choice(everything) if everything else self.context

    def learn(self, document: Any, account: str) -> None:
        for wrapper, value in (document or {}).items():
            if wrapper == "nextToken":
                self.tokens = [*self.tokens[-10:], value]
            rows = value if isinstance(value, list) else [value]
            for row in rows:
                if isinstance(row, dict):
                    self.remember(wrapper, row, account)

    def remember(self, wrapper: str, row: dict[str, Any], account: str) -> None:
        if "arn" in row:
            self.arns = [*self.arns[-40:], row["arn"]]
        kind = RENAMED.get(wrapper, wrapper)
        identifier = row.get("id", row.get(f"{kind}Id"))
        if identifier is None:
            return
        labels = {f"{kind}Identifier": identifier}
        for name in ("membership", "collaboration", "configuredTable"):
            if f"{name}Id" in row:
                labels[f"{name}Identifier"] = row[f"{name}Id"]
        accounts = ACCOUNTS if kind == "collaboration" else (account,)
        for each in accounts:
            known = self.known.setdefault(f"{kind}Identifier", [])
            known.append(Known(each, labels))
            del known[:-REMEMBERED]

    def value(self, member: Member, *, broken: bool) -> Any:
        random, shape = self.random, member.shape
        if broken and random.random() < 0.1:
            return random.choice(JUNK)
        if shape.type == "structure":
            return self.structure(shape, broken=broken)
        if shape.element is not None:
            least = int(shape.minimum or 0)
            size = random.randint(least, max(least, min(3, int(shape.maximum or 3))))
            return [self.value(shape.element, broken=broken) for _ in range(size)]
        if shape.value is not None:
            keys = random.sample(string.ascii_letters, random.randrange(3))
            return {key: self.value(shape.value, broken=broken) for key in keys}
        return self.scalar(member.name, shape)

    def scalar(self, name: str, shape: Shape) -> Any:
        random = self.random
        least, most = shape.minimum or 0, min(shape.maximum or 50, 200)
        makers = {
            "boolean": lambda: random.random() < 0.5,
            "integer": lambda: random.randint(int(least), int(most)),
            "double": lambda: random.uniform(least, most),
        }
        return makers[shape.type]() if shape.type in makers else self.text(name, shape)

    def text(self, name: str, shape: Shape) -> str:
        random, known = self.random, self.known.get(ALIASES.get(name, name))
        candidates: list[str] = []
        if shape.enum:
            candidates = list(shape.enum)
        elif name in self.context.labels and random.random() < 0.95:
            candidates = [self.context.labels[name]]
        elif known:
            candidates = list(random.choice(known).labels.values())
        elif "Account" in shape.name:
            candidates = list(ACCOUNTS)
        elif shape.name == "PaginationToken":
            candidates = [*self.tokens, "x"]
        else:
            candidates = [each for each in (*TEXTS, *self.arns) if fits(shape, each)]
        return random.choice(candidates or TEXTS)

    def structure(self, shape: Shape | None, *, broken: bool) -> dict[str, Any]:
        random = self.random
        if shape is None or not shape.members:
            return {}
        if shape.union and not (broken and random.random() < 0.2):
            member = random.choice(list(shape.members.values()))
            return {member.name: self.value(member, broken=broken)}
        return {
            name: self.value(member, broken=broken)
            for name, member in shape.members.items()
            if random.random() < self.likelihood(member, broken=broken)
        }

    @staticmethod
    def likelihood(member: Member, *, broken: bool) -> float:
        if member.name == "nextToken":
            return 0.05
        if member.required:
            return 0.97 if broken else 1
        return 0.3


def fits(shape: Shape, text: str) -> bool:
    least, most = shape.minimum or 0, shape.maximum or 10_000
    if not least <= len(text) <= most:
        return False
    return shape.pattern is None or shape.pattern.matches(text) is True
