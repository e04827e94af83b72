"""Requests that are malformed or merely peculiar: what is done to a valid one, as data.

The categories are those of Smithy's tests of malformed restJson1 requests. Knows no operation and
not what has to become of any of them.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Final

from attrs import evolve, field, frozen

from conformance.wire.exchange import Request

_DEPTH: Final = 10_000
_DIGITS: Final = 10_000
_EMPTY: Final = b"{}"


@frozen
class Malformed:
    """One way to spoil a request.

    Attributes:
        name: part of the names of cases; it stays.
        what: the same for a reader, after "the body" or "a request that".
        apply: makes the spoiled request out of a valid one that is not signed yet.
    """

    name: str
    what: str
    apply: Callable[[Request], Request] = field(repr=False, eq=False)


def _body(name: str, what: str, change: Callable[[bytes], bytes]) -> Malformed:
    return Malformed(name, what, lambda r: evolve(r, body=change(r.body or _EMPTY)))


def _header(name: str, what: str, header: str, value: str | None) -> Malformed:
    def apply(request: Request) -> Request:
        kept = tuple(h for h in request.headers if h[0].lower() != header.lower())
        return evolve(request, headers=kept if value is None else (*kept, (header, value)))

    return Malformed(name, what, apply)


def _member(name: str, what: str, member: bytes) -> Malformed:
    """Puts a member that the contract does not have before all others."""

    def change(body: bytes) -> bytes:
        rest = body.strip()[1:]
        return b"{" + member + (b"" if rest.strip() == b"}" else b", ") + rest

    return _body(name, what, change)


def _gzipped(request: Request) -> Request:
    coded = (*request.headers, ("Content-Encoding", "gzip"))
    return evolve(request, body=gzip.compress(request.body or _EMPTY, mtime=0), headers=coded)


#: What is no JSON (RFC 8259), however near it comes.
NO_JSON: Final = (
    _body("truncated", "breaks off in the middle", lambda body: body[:-1]),
    _body("text-before", "begins with other text", lambda body: b"abc" + body),
    _body("text-after", "goes on with other text", lambda body: body + b"abc"),
    _body("two-documents", "has two JSON documents", lambda body: body + body),
    _body("line-comment", "has a comment", lambda body: body[:1] + b" // a\n" + body[1:]),
    _body("block-comment", "has a comment", lambda body: body[:1] + b" /* a */ " + body[1:]),
    _body("form-feed", "has a form feed between tokens", lambda b: b[:1] + b"\x0c" + b[1:]),
    _member("single-quotes", "has a text in single quotes", b"\"conformance\": 'a'"),
    _member("bare-name", "has a member without quotes", b'conformance: "a"'),
    _member("leading-zero", "has a number with a leading zero", b'"conformance": 01'),
    _member("nan", "has NaN for a number", b'"conformance": NaN'),
    _member("raw-newline", "has a line break within a text", b'"conformance": "a\nb"'),
    _body("trailing-comma", "has a comma before its end", lambda body: body[:-1] + b",}"),
)

#: JSON that is no object.
NO_OBJECT: Final = (
    _body("array", "is a JSON array", lambda body: b"[" + body + b"]"),
    _body("number", "is a JSON number", lambda _: b"10"),
    _body("text", "is a JSON string", lambda _: b'"conformance"'),
    _body("boolean", "is a JSON boolean", lambda _: b"true"),
    _body("null", "is null", lambda _: b"null"),
)

#: Bytes that are no UTF-8, in which JSON travels.
NO_UTF8: Final = (
    _member("bad-utf-8", "has a byte that is no UTF-8", b'"conformance": "\xff"'),
    _member("surrogate-bytes", "has a surrogate as UTF-8", b'"conformance": "\xed\xa0\x80"'),
    _body("utf-16", "is UTF-16", lambda b: b.decode("utf-8", "replace").encode("utf-16")),
)

#: Forms of the same media type.
CONTENT_TYPES: Final = (
    _header("charset", "states a charset", "Content-Type", "application/json; charset=utf-8"),
    _header("upper-case", "has its media type in capitals", "Content-Type", "Application/JSON"),
)

#: What may be refused or not, but is no reason to fail.
PECULIAR: Final = (
    _body("byte-order-mark", "begins with a byte order mark", lambda b: b"\xef\xbb\xbf" + b),
    _member("duplicate-names", "has a member twice", b'"conformance": 1, "conformance": 2'),
    _member("lone-surrogate", "has a lone surrogate", b'"conformance": "\\ud800"'),
    _member("nul", "has a NUL character", b'"conformance": "\\u0000"'),
    _member(
        "deep-nesting",
        f"is nested {_DEPTH:,} levels deep",
        b'"conformance": ' + b"[" * _DEPTH + b"]" * _DEPTH,
    ),
    _member("huge-exponent", "has a number beyond all bounds", b'"conformance": 1e999999'),
    _member(
        "many-digits", f"has a number of {_DIGITS:,} digits", b'"conformance": ' + b"7" * _DIGITS
    ),
    _header("no-content-type", "has no content type", "Content-Type", None),
    _header("other-content-type", "has another content type", "Content-Type", "text/plain"),
    _header("odd-content-type", "has a content type that is none", "Content-Type", ";;/,"),
    _header("other-accept", "accepts HTML only", "Accept", "text/html"),
    _header("unknown-coding", "has an unknown content coding", "Content-Encoding", "conformance"),
    Malformed("gzip", "is compressed", _gzipped),
)
