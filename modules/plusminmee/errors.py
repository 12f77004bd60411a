"""What an operation of PlusMinMee can answer instead of doing it.

Owns: those answers. Does not own their pages (refusal_pages.py).
"""

from modules.plusminmee.refusals import RefusedError


class NotFoundError(Exception):
    """There is no such thing for this person; a thing of another group is the same."""


class BeheerderOnlyError(Exception):
    """A member asked for what only the beheerder of the group does (W18)."""


class LastBeheerderError(Exception):
    """The last beheerder of a group cannot go, nor become an ordinary member."""


class AlreadyMemberError(Exception):
    """Who is invited is a member of the group already."""


class InvitedAlreadyError(Exception):
    """There is an open invitation to this address."""


class TooManyInvitationsError(Exception):
    """More invitations in one day than a group needs."""


class TooManyReportsError(Exception):
    """More reports of incidents in one day than a person makes."""


class TermError(Exception):
    """The retention date lies outside the term of the organisation."""


class ReasonMissingError(Exception):
    """A group is to be kept longer, and nobody says why."""


class ChangedMeanwhileError(Exception):
    """Somebody changed this since it was shown."""


class NotInGroupError(RefusedError):
    """What was chosen in a form, by its `field` ("youngster" or "professional"), is not in this group, or not any more."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}_not_in_group")
        self.field = field
