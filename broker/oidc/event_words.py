"""Why something ended or changed: for a code, who began it (CAEP 1.0, `initiating_entity`) and a sentence in two languages.

Owns the codes that security events may carry. Neither names nor rights stand in them: the administrator of an application
reads them.
"""

from typing import Literal

from broker.text import Text

Initiator = Literal["admin", "user", "policy", "system"]

_WORDS: dict[str, tuple[Initiator, Text]] = {
    # A right or a job
    "given": ("admin", Text("Er werd een recht gegeven.", "A right was given.")),
    "changed_role": ("admin", Text("De rol is gewijzigd.", "The role has changed.")),
    "extended": ("admin", Text("Een recht duurt langer.", "A right lasts longer.")),
    "ended_by_administrator": ("admin", Text("Een beheerder stopte het recht.", "An administrator ended the right.")),
    "suspended": ("admin", Text("Een recht is geschorst.", "A right is suspended.")),
    "resumed": ("admin", Text("Een recht werkt weer.", "A right works again.")),
    "handed_back": ("admin", Text("De vervanging is voorbij.", "The replacement is over.")),
    "shortened": ("admin", Text("Een recht stopt vroeger.", "A right ends earlier.")),
    "linked": ("user", Text("De persoon meldde zich voor het eerst aan.", "The person signed in for the first time.")),
    "second_role": ("policy", Text("De persoon had al een rol.", "The person had a role already.")),
    "given_back": ("user", Text("De persoon gaf het recht terug.", "The person gave the right back.")),
    "self_decided": ("policy", Text("Niemand keurt een eigen recht goed.", "Nobody approves a right of their own.")),
    "wrong_number": ("admin", Text("Het recht was voor iemand anders.", "The right was meant for somebody else.")),
    "never_linked": ("policy", Text("Niemand meldde zich ooit aan.", "Nobody ever signed in.")),
    "not_confirmed": ("policy", Text("Niemand bevestigde het recht.", "Nobody confirmed the right.")),
    "merged": ("admin", Text("De organisatie ging op in een andere.", "The organisation merged into another.")),
    "merge_conflict": ("policy", Text("Iemand kan maar één rol hebben.", "A person can have one role only.")),
    "expired": ("policy", Text("De termijn is voorbij.", "Its time is over.")),
    "affiliation_ended": ("admin", Text("De persoon werkt er niet meer.", "The person no longer works there.")),
    "organisation_ended": ("admin", Text("De organisatie bestaat niet meer.", "The organisation is no more.")),
    "organisation_changed": (
        "admin",
        Text("De organisatie is van een ander type.", "The organisation is of another type."),
    ),
    "person_ended": ("admin", Text("De persoon heeft geen toegang meer.", "The person has no access any more.")),
    "policy_changed": ("policy", Text("De voorwaarden zijn gewijzigd.", "The conditions have changed.")),
    "label_approved": ("admin", Text("De organisatie kreeg haar label.", "The organisation got its label.")),
    "label_rejected": (
        "admin",
        Text("De organisatie kreeg haar label niet.", "The organisation did not get its label."),
    ),
    "label_ended": ("admin", Text("De organisatie heeft haar label niet meer.", "The organisation lost its label.")),
    "label_expired": (
        "policy",
        Text("Het label van de organisatie liep af.", "The label of the organisation ran out."),
    ),
    "right_ended": ("policy", Text("Het recht is gestopt.", "The right has ended.")),
    # A session
    "signed_out": ("user", Text("De persoon meldde zich af.", "The person signed out.")),
    "ended_by_person": ("user", Text("De persoon sloot deze sessie af.", "The person ended this session.")),
    "switched": ("user", Text("De persoon wisselt van organisatie.", "The person changes organisation.")),
    "replaced": ("user", Text("Iemand anders meldde zich aan.", "Somebody else signed in.")),
    "session_over": ("policy", Text("De aanmelding is voorbij.", "The sign-in is over.")),
    "code_reused": ("system", Text("Een code werd twee keer gebruikt.", "A code was used twice.")),
    "code_misused": ("system", Text("Een code werd verkeerd gebruikt.", "A code was misused.")),
    "refresh_reused": ("system", Text("Een gebruikt token kwam terug.", "A used token came back.")),
    "asked_for": (
        "admin",
        Text("De persoon vroeg om overal af te melden.", "The person asked to be signed out everywhere."),
    ),
    "lost_device": ("admin", Text("Een toestel is kwijt.", "A device is lost.")),
    "misuse": ("admin", Text("Er is een vermoeden van misbruik.", "Misuse is suspected.")),
    "other": ("admin", Text("Een beheerder meldde de persoon af.", "An operator signed the person out.")),
}
_UNKNOWN: tuple[Initiator, Text] = ("system", Text("Er is iets gewijzigd.", "Something has changed."))


def words_of(reason: str) -> tuple[Initiator, Text]:
    """Who began it, and the sentence; a plain one for a code that an older or newer worker wrote."""
    return _WORDS.get(reason, _UNKNOWN)
