"""call_receiver: one POST to an address of an application, through the guarded client, and what its outcome means.

Owns which outcomes are final: done, refused (400), or not now. Does not own what is sent. Nothing of an answer is kept but
its status and, where a specification names them, the code of its error (threats BC1).
"""

from collections.abc import Collection, Mapping

from broker.catalogue import Client
from broker.http_client import Answer, HttpClient, OutgoingError
from broker.installation import Installation
from broker.notifications.post import NotNowError

_NEVER_LEFT = ("address_refused", "unknown_host")
_OVERLOADED = (429, 503)


def call_receiver(
    installation: Installation,
    client: Client,
    address: str,
    headers: Mapping[str, str],
    body: str,
    taken: Collection[int],
) -> Answer:
    """POST `body` to `address` of `client`; the answer, whose status is one of `taken` or 400.

    Raises:
        NotNowError: it could not be had, or with any other status: later it may be taken.
    """
    http = HttpClient(installation.settings.development, private_network=client.private_network)
    try:
        answer = http.send("POST", address, headers, body.encode())
    except OutgoingError as error:
        raise NotNowError(error.code, unreachable=True, outcome_known=error.code in _NEVER_LEFT) from error
    if answer.status not in taken and answer.status != 400:
        raise NotNowError(f"status_{answer.status}", unreachable=answer.status in _OVERLOADED)
    return answer
