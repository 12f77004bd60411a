"""Every table of the broker, gathered: importing this module makes `metadata` complete. Owns no table itself."""

from broker.access import (
    access_request,
    catalogue_applied,
    grant,
    label,
    organisation_proposal,
    suppressed_address,
    task,
)
from broker.audit import audit_event, seals
from broker.authentication import (
    authorization_code,
    browser_session,
    client_session,
    consent,
    pushed_request,
    revoked_token,
    sign_in_attempt,
    single_use,
)
from broker.database import Base
from broker.keys import signing_keys
from broker.notifications import outbox_message
from broker.people import affiliation, identity_link, mandate, one_time_link, organisation, person, person_number

TABLES = (
    access_request,
    catalogue_applied,
    grant,
    label,
    organisation_proposal,
    suppressed_address,
    task,
    audit_event,
    seals,
    authorization_code,
    browser_session,
    client_session,
    consent,
    pushed_request,
    revoked_token,
    sign_in_attempt,
    single_use,
    signing_keys,
    outbox_message,
    affiliation,
    identity_link,
    mandate,
    one_time_link,
    organisation,
    person,
    person_number,
)

metadata = Base.metadata
