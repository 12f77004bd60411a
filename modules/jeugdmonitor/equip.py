"""What the Jeugdmonitor adds to the application that the kit made: its own setting, the words of its templates, its clock.

Owns: that. Does not own the pages.
"""

import os
from collections.abc import Mapping

from flask import Flask, current_app

from look.language import gettext as _
from modules.jeugdmonitor.bank import THEMES
from modules.jeugdmonitor.close_ended_rounds import Clock, close_once_a_day
from modules.jeugdmonitor.model import Round
from modules.kit import ModuleSettingsError

FREE_TEXT = "JEUGDMONITOR_FREE_TEXT"


def equip(app: Flask, environment: Mapping[str, str] | None = None) -> None:
    """Give it all of that.

    Raises:
        ModuleSettingsError: JEUGDMONITOR_FREE_TEXT is neither on nor off.
    """
    value = (os.environ if environment is None else environment).get(FREE_TEXT, "").strip() or "off"
    if value not in ("on", "off"):
        raise ModuleSettingsError(f"{FREE_TEXT} must be off or on")
    app.config[FREE_TEXT] = value == "on"
    clock = Clock()
    app.before_request(lambda: close_once_a_day(clock))
    app.jinja_env.filters["state_chip"] = state_chip
    app.jinja_env.filters["years"] = lambda age: (age, _("%(age)s jaar", age=age))
    app.jinja_env.globals["THEMES"] = THEMES
    app.jinja_env.globals["has_page"] = lambda endpoint: endpoint in current_app.view_functions


def free_text_allowed() -> bool:
    """Whether own questions may be answered in words of one's own (SV5): off, unless this installation says on."""
    return bool(current_app.config[FREE_TEXT])


def state_chip(round_: Round) -> tuple[str, str]:
    """Kind and word of the chip for the state of a round."""
    return {
        "draft": ("waiting", _("In opmaak")),
        "open": ("running", _("Open")),
        "closed": ("ended", _("Gesloten")),
    }[round_.state]
