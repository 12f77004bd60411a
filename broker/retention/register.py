"""The register of every place in the database that can hold text, and why it may (threat RE1).

A column stands under PERSONAL with what erases it, or under CODES when it holds codes, random values or digests only. A column
that stands nowhere fails the test that walks the schema: whoever adds one decides here what becomes of it. Ids, instants, numbers
and yes-or-no name nobody by themselves and are left out. Does not own the erasing.
"""

_AT_CLOSING = "erased when the request is decided, withdrawn or expires"
_REQUESTS = "rules refused_requests and approved_requests"
_LINKED = "erased at the first sign-in, or by the rule never_linked"
_ANSWERED = "erased when an administrator answers the nomination, or when it lapses"
_SIGN_IN = "erased when the session ends"
_JOB = "rules ended_jobs and people_without_ties"
_CONFIRMED = (
    "erased when the person signs in and the name is theirs, else by the rules ended_jobs and people_without_ties"
)
_TIES = "rule people_without_ties"
_SENT = "erased when it is sent, else by the rule sent_messages"

PERSONAL: dict[str, dict[str, str]] = {
    "access_requests": {
        "given_name": _REQUESTS,
        "family_name": _REQUESTS,
        "email": _REQUESTS,
        "email_limit_key": _REQUESTS,
        "phone": _REQUESTS,
        "answers": _REQUESTS,
        "reason": _REQUESTS,
        "number_sealed": _AT_CLOSING,
        "number_masked": _REQUESTS,
        "number_hash": _REQUESTS,
        "number_hash_version": _REQUESTS,
        "source_key": _REQUESTS,
        "applicant_key": "a keyed hash that opens nothing; stays, so that what was asked cannot change",
    },
    "affiliations": {
        "email": _JOB,
        "email_source": _JOB,
        "phone": _JOB,
        "general_email": _JOB,
        "entered_given_name": _CONFIRMED,
        "entered_family_name": _CONFIRMED,
    },
    "asked_facts": {
        "answer_sealed": "erased when it was used, and 72 hours after it was asked",
        "reasons": "erased with the answer",
    },
    "audit_events": {"actor_label": "the operating-system user of an operator; stays with the audit"},
    "audit_sources": {"address": "rule source_addresses", "salt": "rule source_addresses"},
    "browser_sessions": {"given_name": _SIGN_IN, "family_name": _SIGN_IN, "number_sealed": _SIGN_IN},
    "grants": {"suspension_note": "erased when the right is resumed or ends"},
    "identity_links": {"issuer": _TIES, "subject": _TIES},
    "earlier_passwords": {
        "password_hash": "argon2id; the last few, so that they do not come back; deleted with the account"
    },
    "local_accounts": {"user_name": _TIES, "password_hash": "argon2id; erased when the account ends"},
    "local_sign_ins": {
        "new_phone_sealed": "deleted ten minutes after it began",
        "return_path": "deleted ten minutes after it began",
    },
    "email_changes": {
        "address_sealed": "erased when the address is proved or replaced, a day after it was asked at the latest"
    },
    "labels": {
        "reason": "why an organisation lost a label or did not get it; stays as its proof, and the field asks to name nobody"
    },
    "look_ups": {"subject_key": "a keyed hash of whom an administrator looked for; deleted after a day"},
    "mandates": {
        "evidence": "the decision by which somebody was appointed; stays with the mandate as its proof",
        "end_note": "why a mandate ended; stays with it",
    },
    "nominations": {
        "given_name": _ANSWERED,
        "family_name": _ANSWERED,
        "email": _ANSWERED,
        "note": _ANSWERED,
    },
    "organisation_proposals": {
        "address": _REQUESTS,
        "representative": _REQUESTS,
        "refused_reason": _REQUESTS,
    },
    "outbox_messages": {"recipient": _SENT, "facts": _SENT, "link": _SENT},
    "passkeys": {"name": "as the person called it; deleted with the passkey or the account"},
    "person_numbers": {"number_hash": _TIES, "number_hash_version": _TIES},
    "persons": {
        "given_name": _TIES,
        "family_name": _TIES,
        "number_sealed": _LINKED,
        "number_hash": _TIES,
        "number_hash_version": _TIES,
        "email": _TIES,
        "email_source": _TIES,
        "phone": _TIES,
        "phone_source": _TIES,
    },
    "phone_changes": {
        "number_sealed": "erased when the change takes effect or is stopped, a day after it was asked at the latest",
        "reason": "erased with the number",
    },
    "pushed_requests": {"parameters": "may hold a login_hint; deleted a minute after it came"},
    "recovery_codes": {"code_key": "a keyed hash; deleted with the app or the account"},
    "reports": {"note": "erased when the report is settled"},
    "sign_in_attempts": {"return_path": "used within ten minutes, deleted when the next one begins"},
    "sign_in_delays": {"lane_key": "a keyed hash of a user name or an address; deleted after a day"},
    "sms_codes": {"number_key": "a keyed hash of a mobile number; deleted after two days"},
    "suppressed_addresses": {
        "address_key": "a keyed hash; deleted when its thirty days are over and the next one comes"
    },
    "totp_keys": {"secret_sealed": "sealed; deleted with the app or the account"},
    "upload_lines": {
        "content_sealed": "erased as the line is carried out, else a day after the file came",
        "told_sealed": "rule uploads",
    },
}

CODES: dict[str, frozenset[str]] = {
    table: frozenset(columns.split())
    for table, columns in {
        "access_requests": "number status identity_source language entitlement_code application_code right_code"
        " context_code target_group organisation_type charter_version",
        "affiliations": "end_reason",
        "announcements": "application_code right_code target_group subject_nl body_nl subject_en body_en",
        "asked_facts": "answer_source close_reason",
        "audit_events": "name actor_kind details request_id source_digest",
        "audit_seals": "digest",
        "authorization_codes": "code_hash client_id redirect_uri code_challenge nonce dpop_jkt",
        "browser_sessions": "token_hash provider_code acr amr end_reason",
        "campaign_items": "outcome",
        "catalogue_applied": "fingerprint files",
        "charter_acceptances": "application_code version",
        "client_sessions": "client_id application_code provider_code acr amr scopes revoke_reason dpop_jkt requested_claims",
        "consents": "client_id scopes",
        "deputies": "end_reason",
        "email_changes": "outcome",
        "grants": "application_code right_code context_code role_key label_code end_reason",
        "identity_links": "provider_code",
        "labels": "application_code label_code target_group organisation_type end_reason",
        "local_accounts": "invited_for end_reason",
        "local_sign_ins": "token_hash purpose application_code",
        "mandates": "kind scope_key target_group organisation_type application_code end_reason",
        "noted_keys": "key_id check_value",
        "nominations": "application_code",
        "one_time_links": "kind nonce",
        "organisation_proposals": "target_group organisation_type kbo name",
        "organisations": "code kbo ovo nis target_group organisation_type name name_fr province parent_nis email"
        " search_text end_reason",
        "outbox_messages": "channel template lane language only_if idempotency_key request_id status last_error",
        "passkey_challenges": "browser_hash challenge",
        "passkeys": "credential_id public_key",
        "phone_changes": "old_prefix outcome",
        "persons": "sub name_source language state",
        "pushed_requests": "id_hash client_id dpop_jkt",
        "recertification_campaigns": "application_code period unconfirmed",
        "remembered_devices": "secret_hash earlier_hash end_reason",
        "revoked_tokens": "jti",
        "sign_in_attempts": "state_hash browser_hash provider_code nonce verifier_sealed application_code",
        "signing_keys": "kid algorithm private_sealed public_jwk",
        "sign_in_delays": "kind",
        "single_use_values": "digest",
        "sms_codes": "nonce prefix",
        "upload_lines": "verdict seen outcome",
        "uploads": "close_reason",
        "terms_acceptances": "application_code document version",
        "tasks": "kind pool_key target_group organisation_type application_code decision close_reason",
    }.items()
}
