"""For every mail the facts of an ordinary case, and those that may be left out. Owns no assertion."""

from typing import Any

TASK_ID = "5f0c6a52-9d6f-4a6b-8d83-0f4b6f1f8a11"
SENTENCE = {"nl": "Een lokale beheerder van Gemeente Genk", "en": "A local administrator of Gemeente Genk"}
APPLICATION = {"application_code": "cultuurmonitor"}
RIGHT = {**APPLICATION, "right_code": "invoerder"}
GRANT = {**RIGHT, "organisation_name": "Gemeente Genk"}
REQUEST = {**RIGHT, "request_number": "PW-2026-7F3K22"}
CONTEXT = {"context_code": "cultuurcentra"}
NAMED = {"given_name": "Nele"}
OF_HOLDER = {**NAMED, **APPLICATION}
SINCE = {"since": "2026-11-22"}
ORGANISATION = {"organisation_name": "Gemeente Genk"}
KIND = {"target_group": "EA", "organisation_type": "brusselse_gemeente"}

CAMPAIGN = {**APPLICATION, **ORGANISATION, "campaign_id": TASK_ID, "task_count": 12, "unconfirmed": "end"}

# mail -> (the facts it needs, the facts it may have)
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "confirm_email": (APPLICATION, {}),
    "request_sent": (
        {**REQUEST, **SINCE, "who_is_up": SENTENCE},
        {**CONTEXT, **NAMED, **ORGANISATION, "again": True},
    ),
    "request_in_your_name": ({**APPLICATION, **SINCE}, NAMED),
    "number_changed": (SINCE, NAMED),
    "added_at_work": ({**ORGANISATION, **SINCE}, NAMED),
    "link_to_ask": (
        {**GRANT, "organisation_code": "0207201797", "entitlement_code": "CJM_Cultuurmonitor_LB_CompEnt_Invoerder"},
        CONTEXT,
    ),
    "look_ups_missed": ({**ORGANISATION, **SINCE, "person_name": "Ilse Maes", "task_count": 10}, NAMED),
    "facts_asked": (ORGANISATION, {**APPLICATION, **NAMED}),
    "facts_answered": ({**ORGANISATION, "facts_id": TASK_ID, "refused": True}, {**NAMED, "task_id": TASK_ID}),
    "sign_in_stopped": ({**APPLICATION, **SINCE}, NAMED),
    "account_invited": ({"user_name": "sanne.bakker"}, {**APPLICATION, **NAMED, "organisation_name": "Genk"}),
    "account_ready": ({"person_name": "Sanne Bakker"}, {**APPLICATION, **NAMED}),
    "password_link": ({"user_name": "sanne.bakker"}, OF_HOLDER),
    "password_changed": (SINCE, {**OF_HOLDER, "passkeys": ["2026-11-03T09:00:00+01:00", "2026-11-05"], "app": True}),
    "name_changed": (SINCE, OF_HOLDER),
    "name_told": ({**SINCE, **ORGANISATION, "person_name": "Sanne Bakker", "affiliation_id": TASK_ID}, NAMED),
    "phone_changed": (SINCE, OF_HOLDER),
    "phone_change_asked": (
        {"organisation_name": "Genk", "reason": "Nieuw toestel.", "takes_effect_at": "2026-11-18T09:00:00+01:00"},
        OF_HOLDER,
    ),
    "phone_change_withdrawn": ({"organisation_name": "Genk", **SINCE}, OF_HOLDER),
    "phone_change_refused": ({"organisation_name": "Genk", "person_name": "Sanne Bakker", **SINCE}, NAMED),
    "phone_corrected": ({"organisation_name": "Genk", **SINCE}, OF_HOLDER),
    "email_change_asked": ({}, APPLICATION),
    "email_changed": ({**SINCE, "new_address": "s•••@voorbeeld.test"}, {**OF_HOLDER, "organisation_name": "Genk"}),
    "wrong_codes": (SINCE, OF_HOLDER),
    "devices_ended": (SINCE, OF_HOLDER),
    "account_ended": ({"organisation_name": "Genk", "user_name": "sanne.bakker", **SINCE}, OF_HOLDER),
    "app_added": (SINCE, OF_HOLDER),
    "app_ended": (SINCE, OF_HOLDER),
    "recovery_code_used": ({"left": 9, **SINCE}, OF_HOLDER),
    "passkey_added": (SINCE, OF_HOLDER),
    "passkey_ended": (SINCE, OF_HOLDER),
    "passkey_copied": (SINCE, OF_HOLDER),
    "task_waiting": (
        {**APPLICATION, **SINCE, "task_id": TASK_ID, "task_kind": "request"},
        {
            **CONTEXT,
            **NAMED,
            **ORGANISATION,
            **KIND,
            "right_code": "invoerder",
            "label_code": "cultuurmonitor_afnemer",
            "applicant_name": "Nele Vercauteren",
            "in_place": True,
        },
    ),
    "task_reminder": (
        {**APPLICATION, **SINCE, "task_id": TASK_ID, "task_kind": "request"},
        {
            **CONTEXT,
            **NAMED,
            **ORGANISATION,
            "right_code": "invoerder",
            "label_code": "cultuurmonitor_afnemer",
            "applicant_name": "Nele Vercauteren",
            "decide_before": "2026-12-31",
        },
    ),
    "task_escalated": (
        {**APPLICATION, **SINCE, "task_id": TASK_ID, "task_kind": "request"},
        {
            **CONTEXT,
            **NAMED,
            **ORGANISATION,
            "right_code": "invoerder",
            "applicant_name": "Nele Vercauteren",
            "decide_before": "2026-12-31",
        },
    ),
    "task_digest": ({"task_count": 12}, {**ORGANISATION, **APPLICATION, **NAMED, "reminder": True}),
    "no_administrator": (
        {**APPLICATION, **SINCE, **ORGANISATION, "task_id": TASK_ID},
        {**CONTEXT, **NAMED, "right_code": "invoerder"},
    ),
    "task_decided_by_colleague": (
        {
            **APPLICATION,
            "task_id": TASK_ID,
            "decision": "approved",
            "decided_by_name": "Ilse Maes",
            "since": "2026-11-22T09:31:00+00:00",
        },
        {**CONTEXT, **NAMED, **ORGANISATION, "right_code": "invoerder"},
    ),
    "granted": (
        {**GRANT, "decided_by": "administrator"},
        {
            **CONTEXT,
            **NAMED,
            **SINCE,
            "centre": "C-mine cultuurcentrum",
            "valid_until": "2028-11-21",
            "request_number": "PW-2026-7F3K22",
            "replaces_right_code": "raadpleger",
            "unlinked": True,
            "invited": True,
            "direct": True,
        },
    ),
    "label_waiting": (
        {**GRANT, **SINCE, "label_code": "cultuurmonitor_afnemer", "who_is_up": SENTENCE},
        {
            **CONTEXT,
            **NAMED,
            "centre": "De Maalbeek",
            "unlinked": True,
            "request_number": "PW-2026-7F3K22",
            "decided_by": "officer",
            "direct": True,
        },
    ),
    "grant_started": (
        GRANT,
        {
            **CONTEXT,
            **NAMED,
            "centre": "De Maalbeek",
            "valid_until": "2028-11-21",
            "label_code": "cultuurmonitor_afnemer",
        },
    ),
    "grant_ended": (
        {**GRANT, **SINCE},
        {
            **CONTEXT,
            **NAMED,
            "cause": {
                "nl": "Uw organisatie is opgegaan in een andere.",
                "en": "Your organisation became part of another.",
            },
            "reason": "Nele werkt sinds 1 november voor een andere dienst.",
        },
    ),
    "last_day_changed": (
        {**GRANT, "change": "shortened", "valid_until": "2026-12-31", "decided_by": "administrator"},
        {**CONTEXT, **NAMED, "reason": "Het project stopt."},
    ),
    "work_address_changed": ({**ORGANISATION, **SINCE}, NAMED),
    "right_suspended": (
        {**GRANT, **SINCE, "decided_by": "administrator", "reason": "Nele is lang afwezig."},
        {**CONTEXT, **NAMED, "suspended_until": "2027-02-28", "stands_in_name": "Tom Bogaert"},
    ),
    "right_resumed": ({**GRANT, **SINCE}, {**CONTEXT, **NAMED, "reason": "Nele is terug."}),
    "right_ending": ({**GRANT, "valid_until": "2026-12-31", "days": 30}, {**CONTEXT, **NAMED, "in_place": True}),
    "rights_ending": ({**ORGANISATION, "task_count": 4, "days": 7}, {**NAMED, "grant_id": TASK_ID}),
    "refused": (
        {**REQUEST, "reason": "U werkt niet voor ons centrum.\nVraag het aan AGB Genk."},
        {**CONTEXT, **NAMED, **ORGANISATION, **SINCE, "decided_by": "officer"},
    ),
    "label_rejected": (
        {**GRANT, "label_code": "cultuurmonitor_afnemer", "reason": "Deze organisatie heeft geen centrum."},
        {**CONTEXT, **NAMED, "request_number": "PW-2026-7F3K22"},
    ),
    "affiliated": ({**REQUEST, **ORGANISATION, "decided_by": "administrator"}, {**CONTEXT, **NAMED}),
    "withdrawn": (REQUEST, {**CONTEXT, **NAMED, **ORGANISATION, **SINCE}),
    "expired": (REQUEST, {**CONTEXT, **NAMED, **ORGANISATION}),
    "cancelled": (
        {**REQUEST, "cause": {"nl": "Uw organisatie bestaat niet meer.", "en": "Your organisation no longer exists."}},
        {**CONTEXT, **NAMED, **ORGANISATION},
    ),
    "organisation_admitted": ({**REQUEST, **ORGANISATION, "who_is_up": SENTENCE}, {**CONTEXT, **NAMED}),
    "admission_refused": (
        {**APPLICATION, "request_number": "PW-2026-7F3K22", "reason": "Dit is een dienst van de gemeente."},
        {**CONTEXT, **NAMED, "right_code": "invoerder"},
    ),
    "owner_told": (
        {**GRANT, **SINCE, "person_name": "Nele Vercauteren", "change": "given"},
        {**CONTEXT, "email": "nele.vercauteren@voorbeeld.test"},
    ),
    "service_told": (
        {**GRANT, **SINCE, "person_name": "Nele Vercauteren", "change": "ended"},
        CONTEXT,
    ),
    "mandate_appointed": (
        {**SINCE, "mandate_kind": "head_local_admin"},
        {**ORGANISATION, **KIND, **APPLICATION, **NAMED, "valid_until": "2027-11-21"},
    ),
    "mandate_told": (
        {**SINCE, "mandate_kind": "local_admin", "person_name": "Karim Benali", "change": "appointed"},
        {**ORGANISATION, **KIND, **APPLICATION, **NAMED},
    ),
    "mandate_ended": ({**SINCE, "mandate_kind": "local_admin"}, {**ORGANISATION, **KIND, **APPLICATION, **NAMED}),
    "deputy_named": (
        {**SINCE, **ORGANISATION, "person_name": "Ilse Maes", "valid_until": "2026-12-31"},
        NAMED,
    ),
    "deputy_ended": ({**SINCE, **ORGANISATION, "person_name": "Ilse Maes"}, NAMED),
    "deputy_told": (
        {**SINCE, **ORGANISATION, "person_name": "Eva Janssens", "holder_name": "Ilse Maes", "change": "named"},
        {**NAMED, "valid_until": "2026-12-31"},
    ),
    "desk_task": (
        {**SINCE, **ORGANISATION, "task_id": TASK_ID, "task_kind": "vacancy"},
        {**NAMED, "reminder": True, "request_number": "PW-2026-7F3K22"},
    ),
    "nomination_settled": (
        {**APPLICATION, **SINCE, **ORGANISATION, "person_name": "Tom Bogaert", "outcome": "declined"},
        {**NAMED, "reason": "Tom werkt sinds de zomer elders."},
    ),
    "right_left": (
        {**APPLICATION, **SINCE, **ORGANISATION, "right_code": "raadpleger", "person_name": "Tom Bogaert"},
        {**CONTEXT, **NAMED},
    ),
    "rights_to_confirm": (
        {**CAMPAIGN, "due": "2027-04-13"},
        {**NAMED, "in_place": True, "reminder": True, "merged": True},
    ),
    "campaign_closed": (CAMPAIGN, {**NAMED, "in_place": True}),
    "upload_done": (
        {**ORGANISATION, "upload_id": TASK_ID, "given_count": 41, "refused_count": 2},
        NAMED,
    ),
    "right_moved": (
        {**GRANT, "from_name": "Gemeente Galmaarden", "valid_until": "2027-02-20"},
        {**CONTEXT, **NAMED},
    ),
    "reciprocal_told": ({**SINCE, "task_count": 3, "due": "2026-11-30"}, {**APPLICATION, **NAMED, **KIND}),
    "announcement": (
        {
            **APPLICATION,
            "announced_subject": {"nl": "Onderhoud op zaterdag", "en": "Maintenance on Saturday"},
            "announced_words": {
                "nl": "Zaterdag is alles een uur dicht.",
                "en": "On Saturday all is closed for an hour.",
            },
        },
        {"test": True},
    ),
    "audit_checkpoint": ({**SINCE, "checkpoint": "eyJjb3VudCI6NX0KMTIz"}, {}),
    "operator_told": (
        {"sentence": {"nl": "Een taak heeft niemand die kan beslissen.", "en": "A task has nobody who can decide."}},
        {"task_id": TASK_ID},
    ),
}
