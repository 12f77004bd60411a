"""The results as a file for a spreadsheet: a line for each share that may be shown, and for each that may not (CU3)."""

import csv
import io

from look.language import gettext as _
from modules.jeugdmonitor.bank import THEMES
from modules.jeugdmonitor.results.protect import Row
from modules.jeugdmonitor.results.published import PublishedQuestion, PublishedRound
from modules.jeugdmonitor.results.words import breakdown_words, group_words, share_words
from modules.kit.spreadsheet import safe_cell


def write_csv(results: PublishedRound) -> str:
    """Semicolons, as a Flemish spreadsheet opens it; a mark in front tells it that the signs are UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    heads = (
        _("Thema"),
        _("Gestelde vraag"),
        _("Uitgesplitst"),
        _("Groep"),
        _("Antwoord"),
        _("Aandeel"),
        _("Aantal (afgerond)"),
    )
    writer.writerow([*heads, _("Vorige bevraging"), _("Andere gemeenten")])
    for question in results.questions:
        for line in _lines(question):
            writer.writerow([safe_cell(each) for each in line])
    return "\ufeff" + file.getvalue()


def _lines(question: PublishedQuestion) -> list[list[str]]:
    asked = question.asked.question
    begin = [str(THEMES[asked.theme].for_coordinator), str(asked.prompt)]
    if asked.kind == "text":
        return [[*begin, "", "", words, "", "", "", ""] for words in question.words or ()]
    lines = []
    for place, option in enumerate(asked.options):
        beside = [
            share_words(shares[place]) if shares is not None else "" for shares in (question.previous, question.average)
        ]
        lines.append([*begin, "", _("Iedereen"), str(option.words), *_share(question.everybody, place), *beside])
    for breakdown, groups in question.breakdowns.items():
        for group, row in groups.items():
            name = [breakdown_words(breakdown), group_words(breakdown, group)]
            lines += [
                [*begin, *name, str(option.words), *_share(row, place), "", ""]
                for place, option in enumerate(asked.options)
            ]
    return lines


def _share(row: Row, place: int) -> list[str]:
    return [share_words(row.shares[place]), str(row.base) if row.base else _("minder dan 10")]
