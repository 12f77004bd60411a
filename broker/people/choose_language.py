"""choose_language: in which language the pages and mails of somebody are (Mijn profiel)."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.database import to_change
from broker.errors import InvalidError
from broker.installation import Installation
from broker.people.person import Person
from broker.text import Text

SPOKEN = ("nl", "en")


def choose_language(session: Session, _installation: Installation, actor: uuid.UUID, language: str) -> None:
    """Note the choice of `actor`; the same choice again changes nothing.

    Raises:
        InvalidError: a language that we do not have.
    """
    if language not in SPOKEN:
        raise InvalidError("language_unknown", NOT_SPOKEN, {"language": NOT_SPOKEN})
    person = session.scalars(to_change(select(Person).where(Person.id == actor))).one()
    if person.language == language:
        return
    person.language = language
    audit.record(session, "people:person:choose_language", subject_id=actor, details={"language": language})


NOT_SPOKEN = Text("Kies Nederlands of English.", "Choose Nederlands or English.")
