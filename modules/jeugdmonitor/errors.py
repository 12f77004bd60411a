"""What an operation of the Jeugdmonitor can answer instead of doing it.

Owns: those answers. Does not own their pages.
"""


class NotFoundError(Exception):
    """There is no such thing for this municipality; a thing of another municipality is the same."""


class ChangedMeanwhileError(Exception):
    """Somebody changed, opened or closed this round since it was shown."""


class NotReadyError(Exception):
    """The round cannot be opened yet; the message is a sentence that says why."""


class NotTakenError(Exception):
    """An answer is not taken: the round takes none now, the code serves no longer, or these pages were sent already."""
