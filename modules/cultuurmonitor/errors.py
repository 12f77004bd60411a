"""What an operation of the Cultuurmonitor can answer instead of doing it.

Owns: those answers. Does not own their pages.
"""


class NotFoundError(Exception):
    """There is no such thing for this organisation; a thing of another organisation is the same."""


class NameTakenError(Exception):
    """The organisation has an open centre of this name already."""


class ChangedMeanwhileError(Exception):
    """Somebody changed, submitted or reopened these figures since they were shown."""


class NotInOrderError(Exception):
    """The figures cannot be submitted yet: figures.check_before_submitting says why."""
