"""What stands on a page where no use of a right is known. Owns the words."""

from broker.installation import installation
from look.language import gettext as _


def not_used() -> str:
    """Not within the time for which sign-ins are kept: that is a policy of the installation."""
    return _("niet in de laatste %(n)s dagen", n=installation().catalogue.retention["ended_sessions"])
