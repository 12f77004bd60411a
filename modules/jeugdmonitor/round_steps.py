"""Where a round stands, as a timeline: prepared, opened, answered, closed, with who did what and when.

Owns: those words. Does not own how a timeline looks (look/macros.html).
"""

from datetime import date

from look.language import day_date, short_date
from look.language import gettext as _
from modules.jeugdmonitor.model import Round, RoundEvent

Step = dict[str, object]


def steps_of(round_: Round, today: date) -> list[Step]:
    """The steps, done, here or ahead."""
    period = _(
        "Van %(first)s tot en met %(last)s.", first=short_date(round_.first_day), last=short_date(round_.last_day)
    )
    last = {event.kind: event for event in round_.events}
    begun = last["created"]
    steps: list[Step] = [{"state": "done", "title": _("Begonnen"), "when": _by(begun)}]
    if round_.state == "draft":
        return [
            *steps,
            {"state": "here", "title": _("In opmaak"), "text": _("Alleen u en uw collega’s zien deze bevraging.")},
            {
                "state": "ahead",
                "title": _("Open voor antwoorden"),
                "text": period,
            },
            {"state": "ahead", "title": _("Gesloten, met resultaten"), "text": _("Vanzelf na de laatste dag.")},
        ]
    steps.append({"state": "done", "title": _("Geopend"), "when": _by(last["opened"])})
    if round_.state == "closed":
        return [*steps, {"state": "done", "title": _("Gesloten, met resultaten"), "when": _by(last["closed"])}]
    if today < round_.first_day:
        here = _("Antwoorden kan vanaf %(first)s.", first=day_date(round_.first_day))
    else:
        here = _("Antwoorden kan tot en met %(last)s.", last=day_date(round_.last_day))
    return [
        *steps,
        {"state": "here", "title": _("Kinderen en tieners zijn aan zet"), "text": here},
        {"state": "ahead", "title": _("Gesloten, met resultaten"), "text": _("Vanzelf na de laatste dag.")},
    ]


def _by(event: RoundEvent) -> str:
    if event.person_name is None:
        return _("%(day)s, vanzelf", day=short_date(event.at))
    return _("%(day)s, door %(name)s", day=short_date(event.at), name=event.person_name)
