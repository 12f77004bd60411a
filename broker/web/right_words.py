"""right_words: how a right is called in a list to choose from. Owns only those words."""

from broker.catalogue import Catalogue, EntitlementCode
from broker.web.task_view import say
from look.language import gettext as _


def right_words(catalogue: Catalogue, code: EntitlementCode) -> tuple[str, str, str]:
    """(code, name of the right, application and part)."""
    application = catalogue.applications[code.application_code]
    right = application.rights[code.right_code]
    context = right.contexts.get(code.context_code)
    about = [
        say(application.name),
        _("onderdeel %(name)s", name=say(context.name)) if context else "",
        say(right.action),
    ]
    return code.code, say(right.name), " · ".join(each for each in about if each)
