"""The words of the logbook: one sentence for each kind of entry.

Owns: the kinds there are, which of them are told across groups, and their sentences. Does not own writing an entry (write_log.py).
"""

from collections.abc import Callable

from look.language import gettext as _
from modules.plusminmee.model import LogEntry

Say = Callable[[dict[str, object]], str]

_SENTENCES: dict[str, Say] = {
    "group_created": lambda facts: _("%(who)s maakte de groep aan.", **facts),
    "group_changed": lambda facts: _("%(who)s wijzigde de gegevens van de groep.", **facts),
    "retention_set": lambda facts: _("%(who)s zette de bewaardatum op %(until)s.", **facts),
    "retention_extended": lambda facts: _("%(who)s verlengde de bewaardatum tot %(until)s.", **facts),
    "invited": lambda facts: _("%(who)s nodigde iemand uit.", **facts),
    "invitation_withdrawn": lambda facts: _("%(who)s trok een uitnodiging in.", **facts),
    "joined": lambda facts: _("%(who)s hoort nu bij de groep.", **facts),
    "declined": lambda facts: _("%(who)s sloeg de uitnodiging af.", **facts),
    "left": lambda facts: _("%(who)s verliet de groep.", **facts),
    "removed": lambda facts: _("%(who)s haalde %(about)s uit de groep.", **facts),
    "right_ended": lambda facts: _("Het recht van %(about)s stopte, en daarmee de toegang tot de groep.", **facts),
    "made_beheerder": lambda facts: _("%(who)s maakte %(about)s beheerder.", **facts),
    "renamed": lambda facts: _("%(who)s veranderde van naam, en heette tot dan anders.", **facts),
    "taken_over": lambda facts: _("%(who)s nam de groep over en is nu beheerder.", **facts),
    "made_member": lambda facts: _("%(who)s maakte %(about)s gewoon lid.", **facts),
    "members_confirmed": lambda facts: _("%(who)s bevestigde wie bij de groep hoort.", **facts),
    "youngster_added": lambda facts: _("%(who)s voegde %(youngster)s toe.", **facts),
    "youngster_changed": lambda facts: _("%(who)s wijzigde de gegevens van %(youngster)s.", **facts),
    "youngster_exported": lambda facts: _("%(who)s maakte een afschrift van de gegevens van %(youngster)s.", **facts),
    "youngster_removed": lambda facts: _("%(who)s verwijderde een jongere definitief.", **facts),
    "placed": lambda facts: _("%(who)s plaatste %(youngster)s: %(place)s.", **facts),
    "monitoring_set": lambda facts: _("%(who)s zette %(youngster)s op monitoren tot %(until)s.", **facts),
    "photo_added": lambda facts: _("%(who)s voegde een foto van %(youngster)s toe.", **facts),
    "photo_removed": lambda facts: _("%(who)s verwijderde de foto van %(youngster)s.", **facts),
    "intervention_added": lambda facts: _("%(who)s voegde een interventie toe.", **facts),
    "intervention_changed": lambda facts: _("%(who)s wijzigde een interventie.", **facts),
    "intervention_settled": lambda facts: _("%(who)s handelde een interventie af.", **facts),
    "message_posted": lambda facts: _("%(who)s plaatste een bericht.", **facts),
    "proposal_made": lambda facts: _("%(who)s deed een methode voorstel.", **facts),
    "proposal_discussed": lambda facts: _("%(who)s noteerde dat een voorstel besproken is.", **facts),
    "proposal_taken_over": lambda facts: _("%(who)s nam een voorstel over.", **facts),
    "proposal_declined": lambda facts: _("%(who)s wees een voorstel af.", **facts),
}
KINDS = tuple(_SENTENCES)
TOLD_ACROSS_GROUPS = (
    "joined",
    "taken_over",
    "youngster_added",
    "message_posted",
    "proposal_made",
    "intervention_added",
)
"""Who is new and what was posted (seed 004, Logboek of the main page)."""


def log_sentence(entry: LogEntry, youngster: str, facts: dict[str, str]) -> str:
    """What the entry says; `youngster` is the name as it is now, `facts` what is filled in besides (place, until)."""
    return _SENTENCES[entry.kind](
        {
            "who": entry.actor.full_name if entry.actor else "PlusMinMee",
            "about": entry.about.full_name if entry.about else "",
            "youngster": youngster,
            **facts,
        }
    )
