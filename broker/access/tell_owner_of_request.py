"""tell_owner_of_request: the team of an application that wants to hear of requests is told of one (seed 000: "in cc.").

Part of `open_request`; no door calls it. The same fields as of a grant and no others (seed-sentences C3, W7).
"""

from sqlalchemy.orm import Session

from broker.access.access_request import DIGITAL_KEY, AccessRequest
from broker.catalogue import Catalogue
from broker.notifications import put_mail

GENERAL_EMAIL = "general_email"  # the answer that holds the address of the service (seed-sentences M9)


def tell_owner_of_request(
    session: Session, catalogue: Catalogue, request: AccessRequest, organisation_name: str
) -> None:
    """Write the mail where the policy asks for it; the address of the applicant is proved by then."""
    application = catalogue.applications.get(request.application_code)
    if application is None or not application.notify_requests:
        return
    general = request.answers.get(GENERAL_EMAIL)
    for address in application.notify_grants:
        put_mail(
            session,
            "owner_told",
            address,
            key=f"request:{request.id}",
            facts={
                "application_code": request.application_code,
                "right_code": request.right_code,
                "context_code": request.context_code,
                "organisation_name": organisation_name,
                "person_name": _name(request),
                "email": f"{request.email}, {general}" if general else request.email,
                "change": "requested",
                "since": (request.opened_at or request.created_at).isoformat(),
            },
            subject_id=request.id,
        )


def _name(request: AccessRequest) -> str:
    """A typed name loses every sign of which a mail program could make a link (threats SR7)."""
    if request.identity_source == DIGITAL_KEY:
        return request.full_name
    return "".join(sign for sign in request.full_name if sign.isalpha() or sign in " '’-").strip() or "…"
