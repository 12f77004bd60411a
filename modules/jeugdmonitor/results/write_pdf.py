"""The results on paper: the same shares as on the page, as a PDF to keep or to send along. Made by fpdf2, with the fonts that every
reader has; a sign that those lack becomes a question mark.
"""

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from look.language import gettext as _
from look.language import short_date
from modules.jeugdmonitor.bank import THEMES
from modules.jeugdmonitor.results.published import PublishedQuestion, PublishedRound
from modules.jeugdmonitor.results.words import bar_width, breakdown_words, group_words, share_words

_INK, _QUIET, _BAR, _LINE = (26, 38, 46), (75, 89, 98), (47, 107, 42), (218, 213, 201)
_WIDTH = 180.0  # millimetres between the margins
_TYPOGRAPHY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "€": "euro"})


def write_pdf(results: PublishedRound) -> bytes:
    """The whole file."""
    return bytes(_Paper(results).output())


class _Paper(FPDF):
    def __init__(self, results: PublishedRound) -> None:
        super().__init__(format="A4")
        self._name = f"{results.round.organisation_name} · {results.round.title}"
        self.set_margin(15)
        self.set_auto_page_break(auto=True, margin=20)
        self.set_title(_plain(self._name))
        self.set_lang("nl")
        self.add_page()
        self._write(results.round.title, 20, bold=True)
        self._write(results.round.organisation_name, 12, colour=_QUIET)
        if results.round.closed_at is not None:
            self._write(_("Gesloten op %(day)s", day=short_date(results.round.closed_at)), 10, colour=_QUIET)
        if not results.enough:
            self._write(_("Minder dan 10 mensen antwoordden. Daarom tonen wij niets."), 11)
            return
        self._write(_("Ongeveer %(n)s antwoorden.", n=results.respondents), 10, colour=_QUIET)
        theme = ""
        for question in results.questions:
            if question.asked.question.theme != theme:
                theme = question.asked.question.theme
                self.ln(4)
                self._write(str(THEMES[theme].for_coordinator), 15, bold=True)
            self._question(question)

    def footer(self) -> None:
        """The name and the number of the page, below every page."""
        self.set_y(-14)
        self._style(8, _QUIET)
        self.cell(_WIDTH, 5, _plain(f"{self._name} · {self.page_no()}"), align="C")

    def _question(self, question: PublishedQuestion) -> None:
        asked = question.asked.question
        if self.get_y() > 240:
            self.add_page()
        self.ln(3)
        self._write(str(asked.prompt), 12, bold=True)
        if asked.kind == "text":
            for words in question.words or (_("Minder dan 10 mensen schreven iets. Daarom tonen wij het niet."),):
                self._write(words, 10)
            return
        for place, option in enumerate(asked.options):
            share = question.everybody.shares[place]
            beside = [
                f"{name}: {share_words(shares[place])}"
                for name, shares in (
                    (_("vorige bevraging"), question.previous),
                    (_("andere gemeenten"), question.average),
                )
                if shares is not None
            ]
            self._option(str(option.words), share_words(share), bar_width(share), beside)
        for breakdown, groups in question.breakdowns.items():
            self._write(breakdown_words(breakdown), 10, bold=True)
            for group, row in groups.items():
                said = ", ".join(
                    f"{option.words}: {share_words(row.shares[place])}" for place, option in enumerate(asked.options)
                )
                self._write(f"{group_words(breakdown, group)}: {said}", 9, colour=_QUIET)

    def _option(self, words: str, said: str, width: int, beside: list[str]) -> None:
        self._style(10, _INK)
        top = self.get_y()
        self.multi_cell(70, 5, _plain(words), new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.set_draw_color(*_LINE)
        self.rect(88, top + 1, 60, 3.4)
        self.set_fill_color(*_BAR)
        if width:
            self.rect(88, top + 1, 60 * width / 100, 3.4, style="F")
        self.set_xy(151, top)
        self.multi_cell(44, 5, _plain(said), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if beside:
            self.set_x(88)
            self._style(8, _QUIET)
            self.multi_cell(107, 4, _plain("; ".join(beside)), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def _write(self, words: str, size: int, *, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
        self._style(size, colour, bold=bold)
        self.multi_cell(_WIDTH, size * 0.5, _plain(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _style(self, size: int, colour: tuple[int, int, int], *, bold: bool = False) -> None:
        self.set_font("helvetica", style="B" if bold else "", size=size)
        self.set_text_color(*colour)


def _plain(words: str) -> str:
    return words.translate(_TYPOGRAPHY).encode("latin-1", "replace").decode("latin-1")
