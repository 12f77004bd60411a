"""What the worker does and asks on behalf of the rooms above it: the clock's own work, and what must still hold when a mail leaves.

Owns the list, nothing that stands in it: every job is an operation of its room, run in a transaction of its own, safe to run twice.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Concatenate, ParamSpec

from sqlalchemy.orm import Session

from broker import clock
from broker.access.announce_ends import announce_ends, organisations_with_ends
from broker.access.close_asked_facts import close_run_out
from broker.access.close_campaign import campaigns_due, close_campaign
from broker.access.end_affiliation import end_affiliation, expired_affiliations
from broker.access.end_organisation_rights import end_organisation_rights, ended_organisations_with_rights
from broker.access.expire_requests import expire_request, forget_unproved, overdue_requests
from broker.access.follow_retype import follow_retype, retyped_organisations
from broker.access.lapse_nominations import lapse_nomination, overdue_nominations
from broker.access.live_rights import grant_is_active
from broker.access.open_campaign import open_campaign, organisations_to_confirm, period_of
from broker.access.remind_campaign import campaigns_to_remind, remind_campaign
from broker.access.remind_deciders import remind_deciders, tasks_that_wait
from broker.access.settle_leavers import leavers, settle_leaver
from broker.access.settle_run_out import settle_run_out_grants, settle_run_out_labels
from broker.access.settle_suspensions import settle_suspensions
from broker.access.spread_announcement import announcements_to_spread, spread_announcement
from broker.access.tell_reciprocal import month_is_told, tell_reciprocal
from broker.access.tell_stranded import stranded_tasks, tell_stranded
from broker.access.vacancy import tell_vacancy, vacant_organisations
from broker.access.work_on_uploads import work_on_uploads
from broker.authentication.end_rightless_sessions import end_rightless_sessions
from broker.authentication.follow_ended_rights import prepare_change
from broker.authentication.forgotten_password import FORGOTTEN, prepare_forgotten
from broker.authentication.lapse_email_changes import lapse_email_changes
from broker.authentication.settle_sessions import settle_client_sessions, settle_sessions
from broker.authentication.sign_in_delay import forget_delays
from broker.authentication.sweep_spent import sweep_spent
from broker.authentication.take_phone_change import due_phone_changes, take_phone_change
from broker.database import db, perform
from broker.errors import ConflictError
from broker.installation import Installation, installation
from broker.keys.noted_keys import note_keys
from broker.notifications.channels import OWN_PATIENCE, register_channel
from broker.notifications.housekeeping import register_housekeeping
from broker.notifications.preconditions import register_precondition
from broker.notifications.put_change import CHANGE
from broker.notifications.put_sms import SMS
from broker.notifications.sms_channel import SMS_PATIENCE, prepare_sms
from broker.people.end_affiliation import EXPIRED
from broker.people.look_up import forget_look_ups
from broker.people.raise_number_hashes import raise_number_hashes
from broker.people.settle_run_out_deputies import settle_run_out_deputies

P = ParamSpec("P")

_MINUTE = 60.0
_A_SECOND = 1.0  # somebody looks at the page meanwhile; the job itself gives way in time
_HALF_A_MINUTE = 30.0  # what the clock ends is ended in writing, and told, within a minute (threats OA2)


def register_standing_jobs() -> None:
    """Tell the worker what to do, and the outbox whom to ask."""
    register_housekeeping("expire_requests", _MINUTE, _expire_requests)
    register_housekeeping("lapse_nominations", 10 * _MINUTE, _lapse_nominations)
    register_housekeeping("close_asked_facts", _MINUTE, _close_asked_facts)
    register_housekeeping("forget_unproved", 10 * _MINUTE, _forget_unproved)
    register_housekeeping("settle_sessions", _MINUTE, _settle_sessions)
    register_housekeeping("remind_deciders", 10 * _MINUTE, remind_of_waiting_tasks)
    register_housekeeping("announce_ends", 60 * _MINUTE, announce_coming_ends)
    register_housekeeping("tell_stranded", 10 * _MINUTE, tell_of_stranded_tasks)
    register_housekeeping("tell_vacancies", 10 * _MINUTE, tell_of_vacancies)
    register_housekeeping("settle_organisations", 10 * _MINUTE, settle_organisations)
    register_housekeeping("settle_leavers", 10 * _MINUTE, settle_leavers)
    register_housekeeping("settle_run_out", _HALF_A_MINUTE, _settle_run_out)
    register_housekeeping("settle_suspensions", _HALF_A_MINUTE, _settle_suspensions)
    register_housekeeping("take_phone_changes", _HALF_A_MINUTE, _take_phone_changes)
    register_housekeeping("lapse_email_changes", 10 * _MINUTE, _lapse_email_changes)
    register_housekeeping("spread_announcements", _HALF_A_MINUTE, spread_announcements)
    register_housekeeping("follow_campaigns", 10 * _MINUTE, follow_campaigns)
    register_housekeeping("tell_reciprocal", 60 * _MINUTE, tell_of_reciprocal_rights)
    register_housekeeping("end_rightless_sessions", _HALF_A_MINUTE, _end_rightless_sessions)
    register_housekeeping("settle_client_sessions", _HALF_A_MINUTE, _settle_client_sessions)
    register_housekeeping("sweep_spent", 10 * _MINUTE, _sweep_spent)
    register_housekeeping("forget_guesses", 60 * _MINUTE, _forget_guesses)
    register_housekeeping("forget_look_ups", 60 * _MINUTE, _forget_look_ups)
    register_housekeeping("work_on_uploads", _A_SECOND, _work_on_uploads)
    register_housekeeping("note_keys", 60 * _MINUTE, _note_keys)
    register_housekeeping("raise_number_hashes", 60 * _MINUTE, _raise_number_hashes)
    register_precondition("grant_active", _grant_active)
    register_channel(CHANGE, prepare_change, OWN_PATIENCE)
    register_channel(FORGOTTEN, prepare_forgotten, OWN_PATIENCE)
    register_channel(SMS, prepare_sms, SMS_PATIENCE)


def _expire_requests() -> None:
    found = overdue_requests(db.session())
    db.session.rollback()
    for request_id in found:
        perform(expire_request, installation(), request_id)


def _lapse_nominations() -> None:
    for nomination_id in _found(overdue_nominations, installation().catalogue):
        perform(lapse_nomination, nomination_id)


def _forget_unproved() -> None:
    while perform(forget_unproved):
        pass


def _close_asked_facts() -> None:
    while perform(close_run_out):
        pass


def _forget_guesses() -> None:
    perform(forget_delays)


def _settle_sessions() -> None:
    while perform(settle_sessions, installation()):
        pass


def _end_rightless_sessions() -> None:
    while perform(end_rightless_sessions, installation()):
        pass


def _settle_client_sessions() -> None:
    while perform(settle_client_sessions, installation()):
        pass


def _settle_run_out() -> None:
    while perform(settle_run_out_grants, installation()):
        pass
    while perform(settle_run_out_labels):
        pass
    while perform(settle_run_out_deputies):
        pass
    found = expired_affiliations(db.session())
    db.session.rollback()
    for affiliation_id in found:
        with suppress(ConflictError):  # ended or extended by somebody since
            perform(end_affiliation, installation(), affiliation_id, ended_by=None, reason=EXPIRED)


def settle_leavers() -> None:
    """End the account of everybody who works nowhere any more, and whom nothing else keeps."""
    for person_id in _found(leavers):
        perform(settle_leaver, person_id)


def _settle_suspensions() -> None:
    while perform(settle_suspensions, installation()):
        pass


def _take_phone_changes() -> None:
    for change_id in _found(due_phone_changes):
        perform(take_phone_change, installation(), change_id)


def _lapse_email_changes() -> None:
    perform(lapse_email_changes)


def spread_announcements() -> None:
    """Put what owners wrote in the outbox, for everybody it is for."""
    found = announcements_to_spread(db.session())
    db.session.rollback()
    for announcement_id in found:
        while perform(spread_announcement, installation(), announcement_id):
            pass


def follow_campaigns() -> None:
    """Open the campaigns of this month, remind of those that are open, and close those whose day is over."""
    now = clock.now()
    for application in installation().catalogue.applications.values():
        policy = application.recertification
        if policy is not None and clock.local_date(now).month == policy.month:
            open_campaigns(application.code, period_of(now))
    for campaign_id in _found(campaigns_to_remind):
        perform(remind_campaign, installation(), campaign_id)
    close_due_campaigns()


def tell_of_reciprocal_rights() -> None:
    """Report of the month before this one who gave each other rights, once."""
    told = month_is_told(db.session())
    db.session.rollback()
    if not told:
        perform(tell_reciprocal, installation())


def open_campaigns(application_code: str, period: str) -> tuple[int, int]:
    """Open what is not open yet, an organisation at a time; how many organisations and rights. The command line runs it as well."""
    counts = [
        perform(open_campaign, installation(), organisation_id, application_code, period)
        for organisation_id in _found(organisations_to_confirm, application_code, period)
    ]
    return sum(count > 0 for count in counts), sum(counts)


def close_due_campaigns() -> int:
    """Close every campaign whose day is over; how many. The command line runs it as well."""
    found = _found(campaigns_due)
    for campaign_id in found:
        while not perform(close_campaign, installation(), campaign_id):
            pass
    return len(found)


def _found(
    look: Callable[Concatenate[Session, P], list[uuid.UUID]], *args: P.args, **kwargs: P.kwargs
) -> list[uuid.UUID]:
    """What there is to do, read without holding a transaction open."""
    found = look(db.session(), *args, **kwargs)
    db.session.rollback()
    return found


def _work_on_uploads() -> None:
    work_on_uploads(installation())


def _sweep_spent() -> None:
    perform(sweep_spent)


def _forget_look_ups() -> None:
    perform(forget_look_ups)


def remind_of_waiting_tasks() -> None:
    """Remind whoever may decide of what waits, and let the officer in where it waits too long."""
    found = tasks_that_wait(db.session(), installation().catalogue)
    db.session.rollback()
    for task_id in found:
        perform(remind_deciders, installation(), task_id)


def announce_coming_ends() -> None:
    """Announce the rights that end soon, an organisation at a time."""
    found = organisations_with_ends(db.session())
    db.session.rollback()
    for organisation_id in found:
        perform(announce_ends, installation(), organisation_id)


def tell_of_stranded_tasks() -> None:
    """Tell who steps in for every task that lost whoever could decide it."""
    found = stranded_tasks(db.session())
    db.session.rollback()
    for task_id in found:
        perform(tell_stranded, installation(), task_id)


def tell_of_vacancies() -> None:
    """Tell the officers of every organisation that lost whoever appointed or decided there."""
    found = vacant_organisations(db.session())
    db.session.rollback()
    for organisation_id in found:
        perform(tell_vacancy, installation(), organisation_id)


def settle_organisations() -> None:
    """End what is still open at organisations that have ended, and let labels follow those that became another kind.

    One organisation, one transaction: a run that was cut off is taken up by the next. An import runs it as well.
    """
    settled: set[uuid.UUID] = set()
    while found := [each for each in ended_organisations_with_rights(db.session()) if each not in settled]:
        for organisation_id in found:
            perform(end_organisation_rights, installation(), organisation_id)
        settled.update(found)
    followed: set[uuid.UUID] = set()
    catalogue = installation().catalogue
    while found := [each for each in retyped_organisations(db.session(), catalogue) if each not in followed]:
        for organisation_id in found:
            perform(follow_retype, installation(), organisation_id)
        followed.update(found)
    db.session.rollback()


def _note_keys() -> None:
    perform(note_keys, installation().keys)


def _raise_number_hashes() -> None:
    while perform(raise_number_hashes, installation()):
        pass


def _grant_active(session: Session, of: Installation, grant_id: uuid.UUID) -> bool:
    return grant_is_active(session, of.catalogue, grant_id)
