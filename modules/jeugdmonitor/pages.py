"""Every page of the Jeugdmonitor, by the blueprint that owns it.

Owns: that list. Does not own any page.
"""

from modules.jeugdmonitor import invite_pages, manual_pages, open_pages, question_pages, round_pages, start_page
from modules.jeugdmonitor.respondent import pages as respondent_pages
from modules.jeugdmonitor.results import pages as result_pages

BLUEPRINTS = tuple(
    pages.blueprint
    for pages in (
        start_page,
        manual_pages,
        round_pages,
        question_pages,
        open_pages,
        invite_pages,
        result_pages,
        respondent_pages,
    )
)
