"""Every page of PlusMinMee, by the blueprint that owns it.

Owns: that list. Does not own any page.
"""

from modules.plusminmee import (
    circle_pages,
    group_pages,
    help_pages,
    incident_pages,
    intervention_pages,
    invitation_pages,
    log_pages,
    member_pages,
    message_pages,
    profile_pages,
    proposal_pages,
    refusal_pages,
    start_page,
    take_over_pages,
    text_pages,
    youngster_pages,
)

BLUEPRINTS = tuple(
    pages.blueprint
    for pages in (
        start_page,
        refusal_pages,
        group_pages,
        take_over_pages,
        circle_pages,
        youngster_pages,
        intervention_pages,
        message_pages,
        proposal_pages,
        member_pages,
        invitation_pages,
        log_pages,
        profile_pages,
        help_pages,
        incident_pages,
        text_pages,
    )
)
