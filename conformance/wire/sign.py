"""Signs requests as botocore's clients do: with botocore's own Signature Version 4.

Must not know what is in a request, nor where it goes. An anonymous request is one that was sent
without having been here.
"""

from __future__ import annotations

from attrs import evolve, field, frozen
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conformance.wire.exchange import Request


@frozen
class Signer:
    """Signs in the name of one set of credentials, none of which shows in its ``repr``.

    Attributes:
        session_token: of temporary credentials; None for lasting ones.
        signing_name: the service's name in the credential scope, e.g. ``cleanrooms``.
    """

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str | None = field(repr=False)
    region: str
    signing_name: str

    def sign(self, request: Request) -> Request:
        """The request with the headers of its signature; path, query and body stay as they are.

        The canonical request has the path encoded once more than it is sent, as for every service
        but S3 (Signature Version 4, "Create a canonical request"). ``Host`` is added, since it is
        signed; a signature that the request has already is replaced.
        """
        aws_request = AWSRequest(method=request.method, url=request.url, data=request.body)
        if request.header("Host") is None:
            aws_request.headers["Host"] = request.host
        for name, value in request.headers:
            aws_request.headers[name] = value
        credentials = Credentials(self.access_key, self.secret_key, self.session_token)
        SigV4Auth(credentials, self.signing_name, self.region).add_auth(aws_request)
        return evolve(request, headers=tuple(aws_request.headers.items()))
