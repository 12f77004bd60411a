"""tell_holder: whoever an account belongs to hears by mail what happened to it, in case it was not they who did it.

Owns that it goes to the address they proved, and to no other: nobody is told where there is none. The words are in notifications/.
"""

from sqlalchemy.orm import Session

from broker import clock
from broker.notifications import put_mail
from broker.people.find_local_account import account_of_person
from broker.people.local_account import made_for
from broker.people.person import Person


def tell_holder(session: Session, person: Person, template: str, key: str, **facts: str | int | list[str]) -> None:
    """Put the mail `template` under `key`; it says since when, `facts`, and for which application the account was made."""
    if person.proved_email:
        put_mail(
            session,
            template,
            person.proved_email,
            key=key,
            language=person.language,
            facts={
                "given_name": person.given_name,
                "since": clock.now().isoformat(),
                **made_for(account_of_person(session, person.id)),
                **facts,
            },
            subject_id=person.id,
        )
