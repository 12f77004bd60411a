"""local_proof: what a sign-in with a local account proves, by what followed the password, or took its place."""

from datetime import datetime

from broker.authentication.begin_session import Proof
from broker.catalogue import LOCAL_ACCOUNT
from broker.catalogue.local_levels import AMR, BY_METHOD
from broker.people.person import Person


def local_proof(person: Person, method: str, proved_at: datetime) -> Proof:
    """`method`: sms, totp, recovery, passkey, passkey_alone, or device for none of these; `proved_at`: when the first part was
    right."""
    acr, level = BY_METHOD[method]
    return Proof(
        provider_code=LOCAL_ACCOUNT,
        acr=acr,
        level=level,
        amr=AMR[method],
        auth_time=proved_at,
        given_name=person.given_name,
        family_name=person.family_name,
    )
