"""refuse_sign_in: write down that somebody was not let in, in a transaction of its own.

The refused operation was rolled back as a whole; its refusal still belongs in the audit, and a conflict with the
operator.
"""

import uuid

from sqlalchemy.orm import Session

from broker import audit
from broker.errors import DomainError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.text import Text

TWO_PERSONS = Text(
    "Een digitale sleutel wijst naar persoon {person}, het rijksregisternummer naar {other}."
    " Samenvoegen kan niet. Blijkt met bewijs dat het {other} is, sluit dan {person} af (poortwachter people end):"
    " alles daarvan stopt, en bij de volgende aanmelding is het {other}.",
    "A digital key points to person {person}, the national register number to {other}."
    " They cannot be merged. If evidence shows that it is {other}, end {person} (poortwachter people end):"
    " everything of that one stops, and at the next sign-in it is {other}.",
)


def refuse_sign_in(session: Session, installation: Installation, provider_code: str, error: DomainError) -> None:
    """Record the refusal; of an identity conflict the operator is told, with what can be done (decisions 0029)."""
    reason = str(error.facts.get("reason", error.code))
    person_id = error.facts.get("person_id")
    subject_id = uuid.UUID(str(person_id)) if person_id else None
    audit.record(
        session,
        "authentication:session:refuse",
        subject_id=subject_id,
        details={"provider": provider_code, "reason": reason},
    )
    if error.code != "identity_conflict":
        return
    other_id = error.facts.get("other_id")
    put_mail(
        session,
        "operator_told",
        installation.settings.operator_email,
        key=f"identity_conflict:{person_id}:{other_id}",
        facts={"sentence": both(TWO_PERSONS.with_facts(person=person_id, other=other_id))},
        subject_id=subject_id,
    )
