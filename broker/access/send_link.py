"""send_link: an administrator mails somebody the self-registration link of a right, the organisation filled in (seed 002 step 1).

Nothing is given: whoever opens it asks, and says who they are. The mail holds nothing that anybody typed; an administrator sends at
most so many a day, and an address that said "I did not ask" gets none (threats SR1).
"""

import uuid
from datetime import timedelta

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.explain_direct import codes_offered
from broker.access.mandate_over import lock_mandate_over
from broker.access.suppressed_address import is_suppressed
from broker.audit.count_events import count_events
from broker.errors import InvalidError, NotFoundError, TooManyError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.identifiers import IdentifierError, email_address, email_for_limits
from broker.text import Text

A_DAY = 50
EVENT = "access:link:send"


def send_link(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    organisation_id: uuid.UUID,
    entitlement_code: str,
    email: str,
) -> None:
    """Mail the link of `entitlement_code` for that organisation to `email`.

    Raises:
        NotFoundError: not an organisation of `actor`, or not a right that it may have.
        InvalidError: no address.
        TooManyError: the administrator sent enough for a day.
    """
    organisation = lock_mandate_over(session, actor, organisation_id)
    code = next(
        (each for each in codes_offered(installation.catalogue, organisation) if each.code == entitlement_code), None
    )
    if code is None:
        raise NotFoundError("entitlement_unknown")
    try:
        address = email_address(email, test_domains=installation.settings.development)
    except IdentifierError as error:
        raise InvalidError("email_bad", error.text, {"email": error.text}) from error
    if count_events(session, EVENT, actor, clock.now() - timedelta(days=1)) >= A_DAY:
        raise TooManyError("too_many_links", TOO_MANY, retry_after=86400)
    event = audit.record(
        session, EVENT, subject_id=actor, organisation_id=organisation.id, details={"entitlement": code.code}
    )
    if is_suppressed(session, installation.keys.private_hash(email_for_limits(address), "limits")):
        return
    put_mail(
        session,
        "link_to_ask",
        address,
        key=str(event.id),
        facts={
            "application_code": code.application_code,
            "right_code": code.right_code,
            "context_code": code.context_code,
            "organisation_name": organisation.name,
            "organisation_code": organisation.code,
            "entitlement_code": code.code,
        },
        subject_id=organisation.id,
    )


TOO_MANY = Text(
    "U stuurde vandaag al veel links. Probeer het morgen opnieuw, of kopieer de link.",
    "You sent many links today. Try again tomorrow, or copy the link.",
)
