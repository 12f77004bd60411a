"""Jinja, made ready for the look: where the templates are, the two languages, the filters.

Owns the filters. Works for Flask's environment (look.shell) and for a bare one (look.mail); knows no requests, no URLs.
"""

from jinja2 import BaseLoader, Environment, PackageLoader, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from look.language import (
    current_language,
    day_date,
    plural_of,
    sentence_of,
    short_date,
    written_date,
    written_moment,
    written_time,
)


def initials(name: str) -> str:
    """The first letters of the first two words, capitals: "Nele Vercauteren" is "NV"."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def template_loader() -> BaseLoader:
    """Finds `look/…` templates."""
    return PackageLoader("look", "templates")


def equip(environment: Environment) -> None:
    """Give an environment `_`, `{% trans %}`, the date filters, `initials` and `current_language`."""
    environment.add_extension("jinja2.ext.i18n")
    # "Newstyle": {% trans %} hands its facts to these functions, which escape them. Ours know `%(n)s` besides Jinja's
    # own `%(num)s`.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(gettext=_gettext, ngettext=_ngettext, current_language=current_language)
    for filter_ in (written_date, short_date, day_date, written_time, written_moment, initials):
        environment.filters[filter_.__name__] = filter_


@pass_eval_context
def _gettext(context: EvalContext, msgid: str, /, **facts: object) -> str:
    return _filled(context, sentence_of(msgid), facts)


@pass_eval_context
def _ngettext(context: EvalContext, one: str, many: str, n: int, /, **facts: object) -> str:
    return _filled(context, plural_of(one, many, n), {"n": n, "num": n, **facts})


def _filled(context: EvalContext, sentence: str, facts: dict[str, object]) -> str:
    # Our own sentences may hold markup; what is filled in is escaped by Markup's `%`.
    return (Markup(sentence) if context.autoescape else sentence) % facts  # noqa: S704
