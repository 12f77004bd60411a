"""How results are said: the words of a share, of a group, of a breakdown. The same on the page, in the file and on paper."""

from look.language import gettext as _
from modules.jeugdmonitor.bank import ABOUT_YOU
from modules.jeugdmonitor.results.protect import Share


def share_words(share: Share) -> str:
    """ "ongeveer 35 %", "meer dan 90 %", "minder dan 10 %", or that it is not shown."""
    return {
        "about": _("ongeveer %(share)s", share=f"{share.percent} %"),
        "above": _("meer dan %(share)s", share=f"{share.percent} %"),
        "below": _("minder dan %(share)s", share=f"{share.percent} %"),
        "hidden": _("niet getoond"),
    }[share.kind]


def bar_width(share: Share) -> int:
    """How long the bar is, in per cent; none where nothing is shown."""
    return {"about": share.percent, "above": share.percent, "below": share.percent // 2, "hidden": 0}[share.kind]


def breakdown_words(breakdown: str) -> str:
    """What a breakdown is called."""
    return {"age_group": _("Per leeftijd"), "gender": _("Per gender")}[breakdown]


def group_words(breakdown: str, group: str) -> str:
    """A group of a breakdown."""
    return next((str(option.words) for option in ABOUT_YOU[breakdown].options if option.code == group), group)
