"""Whatever a target answers, each case comes to a verdict: a fault of the target is never ours."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from suite_faults import Backend, Fault, Request, Response
from suite_support import certify, serving

ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    1.5,
    1e300,
    10**400,
    "",
    " ",
    "\ud800",
    "\x00",
    "../..",
    "%2F",
    "x" * 5000,
    "é😀",
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"id": {"id": []}},
    [{"id": None}],
)
STATUSES: Final = (200, 201, 202, 301, 400, 403, 404, 405, 409, 413, 429, 500, 501, 503)
CODES: Final = (
    "",
    "é",
    "#",
    ":",
    "ThrottlingException",
    "ValidationException:http://x/",
    "NotImplemented",
    "x" * 3000,
)


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container and key below a value."""
    items = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    for key, inner in items:
        yield value, key
        yield from places_in(inner)


def replace_a_value(response: Response, rng: random.Random) -> None:
    document = response.document
    places = list(places_in(document))
    if places:
        container, key = rng.choice(places)
        container[key] = rng.choice(ODD)
        response.document = document


def remove_a_member(response: Response, rng: random.Random) -> None:
    document = response.document
    places = list(places_in(document))
    if places:
        container, key = rng.choice(places)
        del container[key]
        response.document = document


def swap_two_values(response: Response, rng: random.Random) -> None:
    document = response.document
    places = list(places_in(document))
    if len(places) > 1:
        (one, here), (_, there) = rng.sample(places, 2)
        one[here] = there
        response.document = document


def replace_everything(response: Response, rng: random.Random) -> None:
    response.document = rng.choice(ODD)


def nest_deeply(response: Response, rng: random.Random) -> None:
    depth = rng.choice((50, 500, 50_000))
    response.body = b'{"collaboration":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


def break_the_body(response: Response, rng: random.Random) -> None:
    at = rng.randrange(len(response.body) + 1)
    response.body = rng.choice(
        (
            b"",
            response.body[:at],
            response.body[:at] + b"\xff" + response.body[at:],
            b"\xef\xbb\xbf{}",
        )
    )


def change_the_status(response: Response, rng: random.Random) -> None:
    response.status = rng.choice(STATUSES)


def change_the_code(response: Response, rng: random.Random) -> None:
    response.headers["x-amzn-errortype"] = rng.choice(CODES).encode().decode("latin-1")


def change_the_content_type(response: Response, rng: random.Random) -> None:
    response.headers["content-type"] = rng.choice(
        ("", "text/html", ";;;", "é".encode().decode("latin-1"))
    )


MUTATIONS: Final = (
    replace_a_value,
    replace_a_value,
    replace_a_value,
    remove_a_member,
    swap_two_values,
    replace_everything,
    nest_deeply,
    break_the_body,
    change_the_status,
    change_the_code,
    change_the_content_type,
)


def out_of_its_mind(seed: int, chance: float) -> Fault:
    """Changes some of all responses at random."""
    rng = random.Random(seed)

    def fault(request: Request, target: Backend) -> Response:
        response = target.send(request)
        if response.body and rng.random() < chance:
            rng.choice(MUTATIONS)(response, rng)
        return response

    return fault


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "chance"), [(1, 0.3), (2, 1.0)])
def test_whatever_a_target_answers_each_case_comes_to_a_verdict(
    seed: int, chance: float, tmp_path: Path
) -> None:
    with serving(out_of_its_mind(seed, chance)) as url:
        ran = certify(tmp_path, "--quick", "--endpoint-url", url)

    assert [f"{fault['case']}: {fault['message']}" for fault in ran.report["faults"]] == []
    assert ran.report["complete"], ran.report["stopped"]
    assert ran.exit_status == 1


def odd_in_turn(member: str) -> Fault:
    """Gives a member of the responses of success each odd value in turn, wherever it stands."""
    turns = itertools.cycle(ODD)

    def fault(request: Request, target: Backend) -> Response:
        response = target.send(request)
        if response.ok and response.body:
            document = response.document
            for container, key in list(places_in(document)):
                if key == member:
                    container[key] = next(turns)
            response.document = document
        return response

    return fault


@pytest.mark.slow
@pytest.mark.parametrize(
    "member", ["id", "arn", "createTime", "updateTime", "nextToken", "name", "tags", "type"]
)
def test_an_odd_value_where_the_suite_reads_one_is_no_fault_of_the_suite(
    member: str, tmp_path: Path
) -> None:
    with serving(odd_in_turn(member)) as url:
        ran = certify(
            tmp_path,
            "--endpoint-url",
            url,
            "--check",
            "lifecycle.*",
            "--check",
            "pagination.*",
            "--check",
            "tags.*",
            "--check",
            "response.*",
        )

    assert [f"{fault['case']}: {fault['message']}" for fault in ran.report["faults"]] == []
    assert ran.report["complete"], ran.report["stopped"]
    assert ran.exit_status == 1
