"""What somebody answered on one page.

Owns: reading it: only what was asked, and no text that tells who wrote it. Pure. Does not own keeping it (partial.py).
"""

from werkzeug.datastructures import MultiDict

from look.language import gettext as _
from modules.jeugdmonitor.own_question import tells_who
from modules.jeugdmonitor.respondent.form_pages import FormPage
from modules.jeugdmonitor.round_form import read_text

LONGEST_TEXT = 500
Given = dict[str, list[str]]
"""By field: the codes of the chosen options in the order of the form, or one text; a skipped question is not in it."""


def read_answers(page: FormPage, posted: MultiDict[str, str]) -> tuple[Given, dict[str, str]]:
    """The answers on this page, and a sentence for each that cannot stay as it is."""
    given: Given = {}
    wrong: dict[str, str] = {}
    for item in page.items:
        sent = posted.getlist(item.field)
        if item.question.kind == "text":
            words = read_text("".join(sent[:1]))
            if len(words) > LONGEST_TEXT:
                wrong[item.field] = _("Dit is te lang. Maak het wat korter.")
            elif tells_who(words):
                wrong[item.field] = _("Haal het adres, het nummer of de account weg: niemand moet weten wie je bent.")
            if words:
                given[item.field] = [words]
            continue
        chosen = [option.code for option in item.question.options if option.code in sent]
        if item.question.kind == "one":
            chosen = chosen[:1]
        if chosen:
            given[item.field] = chosen
    return given, wrong
