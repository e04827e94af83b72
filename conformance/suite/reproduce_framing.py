"""The part of a reproduction in Python that frames requests otherwise than usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import asdict

from conformance.wire.framing import USUAL, Framed

_NAMES: Final = ("lengths", "chunks", "extension", "last_chunk", "headers", "waits_s", "hangs_up")

#: Defines ``frame``; to be formatted with the names that the rest of the reproduction is.
FRAMING: Final = """\
import http.client, select, socket
from urllib.parse import urlsplit

connection = []

class Exact(http.client.HTTPResponse):
    # Reads nothing that belongs to the next response.
    def __init__(self, sock, *arguments, **options):
        super().__init__(sock, *arguments, **options)
        self.fp = sock.makefile("rb", 1)

def frame(method, url, body="", headers={{}}, follows=False, lengths=None, chunks=0, extension="",
          last_chunk=b"0\\r\\n\\r\\n", added=(), waits_s=0, hangs_up=False):
    data = body if isinstance(body, bytes) else body.encode()
    request, parts, account = AWSRequest(method, url, dict(headers), data), urlsplit(url), 0
    SigV4Auth({credentials}, {service!r}, {region!r}).add_auth(request)
    size = len(data)
    if lengths is None:
        lengths = (0,) if data or method not in ("GET", "HEAD") else ()
    framing = [("Transfer-Encoding", "chunked")] if chunks else []
    framing += [("Content-Length", n.format(size) if isinstance(n, str) else str(size + n))
                for n in lengths]
    if chunks:
        step = max(1, -(-size // chunks))
        pieces = [data[start:start + step] for start in range(0, size, step)]
        coded = [b"%x%s\\r\\n%s\\r\\n" % (len(p), extension.encode(), p) for p in pieces]
        data = b"".join(coded) + last_chunk
    if not follows:
        tls = parts.scheme == "https"
        kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
        connection[:] = [kind(parts.netloc, timeout=30)]
        connection[0].connect()
        connection[0].auto_open, connection[0].response_class = 0, Exact
    line = connection[0]
    try:
        line.putrequest(method, url.partition(parts.netloc)[2], skip_accept_encoding=True)
        for name, value in [*request.headers.items(), *added, *framing]:
            line.putheader(name, value)
        line.endheaders()
        if waits_s:
            select.select([line.sock], [], [], waits_s)
        line.send(data)
        if hangs_up:
            line.sock.shutdown(socket.SHUT_WR)
        response = line.getresponse()
        text = response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        print("no answer:", repr(error))
        return {{}}
    print(response.status, dict(response.headers), text)
    return json.loads(text) if text[:1] == "{{" else {{}}

"""


def framing_arguments(framed: Framed) -> Iterator[str]:
    """What ``frame`` is called with besides what any request is sent with."""
    if framed.follows:
        yield "follows=True"
    how, usual = asdict(framed.how), asdict(USUAL)
    for name in _NAMES:
        if how[name] != usual[name]:
            yield f"{'added' if name == 'headers' else name}={how[name]!r}"
