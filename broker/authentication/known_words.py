"""known_words: what a password may not merely consist of, as everybody can guess it who knows the person or the place (NIST SP
800-63B, 3.1.1.2). Owns that list; how much it weighs is zxcvbn's.
"""

from broker.installation import Installation
from broker.people.identifiers import folded
from broker.people.local_account import LocalAccount
from broker.people.person import Person


def known_words(installation: Installation, account: LocalAccount, person: Person) -> tuple[str, ...]:
    """The person's own, the nearest first; then the names of what one signs in to; then the words of the policy."""
    given, family = (folded(name).replace(" ", "") for name in (person.given_name, person.family_name))
    catalogue = installation.catalogue
    names = (
        each.in_language(language)
        for application in catalogue.with_local_accounts()
        for each in (application.short_name, application.contact.team)
        for language in ("nl", "en")
    )
    found = (
        account.user_name,
        given,
        family,
        f"{given}{family}",
        f"{family}{given}",
        person.email or "",
        person.phone or "",
        "poortwachter",
        *(folded(name).replace(" ", "") for name in names),
        *catalogue.passwords.known_words,
    )
    return tuple(dict.fromkeys(word for word in found if word))
