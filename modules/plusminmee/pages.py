"""Every page of PlusMinMee, by the blueprint that owns it.

Owns: that list. Does not own any page.
"""

from modules.plusminmee import (
    group_pages,
    help_pages,
    invitation_pages,
    log_pages,
    member_pages,
    profile_pages,
    refusals,
    start_page,
)

BLUEPRINTS = tuple(
    pages.blueprint
    for pages in (
        start_page,
        refusals,
        group_pages,
        member_pages,
        invitation_pages,
        log_pages,
        profile_pages,
        help_pages,
    )
)
