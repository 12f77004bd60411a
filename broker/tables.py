"""Every table of the broker, gathered: importing this module makes `metadata` complete. Owns no table itself."""

from broker.access import (
    access_request,
    announcement,
    asked_facts,
    campaign,
    catalogue_applied,
    charter_acceptance,
    grant,
    label,
    organisation_proposal,
    report,
    suppressed_address,
    task,
    upload,
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
from broker.people import (
    affiliation,
    deputy,
    identity_link,
    look_up,
    mandate,
    one_time_link,
    organisation,
    person,
    person_number,
)

TABLES = (
    access_request,
    announcement,
    asked_facts,
    campaign,
    catalogue_applied,
    charter_acceptance,
    grant,
    label,
    organisation_proposal,
    report,
    suppressed_address,
    task,
    upload,
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
    deputy,
    identity_link,
    look_up,
    mandate,
    one_time_link,
    organisation,
    person,
    person_number,
)

metadata = Base.metadata
