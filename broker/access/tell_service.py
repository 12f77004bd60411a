"""tell_service: the address of a service reads along with what happens to the rights of its people (seed 000: "het generieke
emailadres van je jeugddienst").

Owns who is told what. As little as the owner of the application is told (seed-sentences C3): no reason, no link, no number.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from broker.access.grant import Grant
from broker.notifications import put_mail


def tell_service(
    session: Session,
    address: str,
    grant: Grant,
    person_name: str,
    organisation_name: str,
    change: str,
    *,
    key: str,
    since: datetime,
    only_if: str | None = None,
) -> None:
    """One change of one right, in the words of the mail to the owner."""
    put_mail(
        session,
        "service_told",
        address,
        key=key,
        facts={
            "application_code": grant.application_code,
            "right_code": grant.right_code,
            "context_code": grant.context_code,
            "organisation_name": organisation_name,
            "person_name": person_name,
            "change": change,
            "since": since.isoformat(),
        },
        subject_id=grant.id,
        only_if=only_if,
    )
