"""The pages for what went wrong: what happened, what was kept, what to do, whom to call.

Owns: those words and their status. Does not own the application's own refusals.
"""

from flask import Flask, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from look.language import gettext as _
from modules.kit.database import BusyError
from modules.kit.guard import RightMissingError
from modules.kit.kept_form import keeps_a_form
from modules.kit.outgoing import BrokerUnreachableError
from modules.kit.session import signed_in
from modules.kit.sign_in import SignInFailedError, log
from modules.kit.state import kit


def register_error_pages(app: Flask) -> None:
    """Give every error of the kit and of HTTP a page."""
    app.register_error_handler(SignInFailedError, _sign_in_failed)
    app.register_error_handler(RightMissingError, _right_missing)
    app.register_error_handler(BrokerUnreachableError, _broker_unreachable)
    app.register_error_handler(BusyError, _busy)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_fault)


def error_page(
    title: str, text: str, status: int, *, small_title: str = "", back: tuple[str, str] | None = None
) -> tuple[str, int]:
    """A page that says what happened; `back` is (label, address) of its one button."""
    page = render_template(
        "kit/error.html",
        title=title,
        text=text,
        small_title=small_title or _("Hier stopt de weg"),
        back=back or _way_on(),
    )
    return page, status


def _way_on() -> tuple[str, str]:
    application = kit().application
    if signed_in() is None:
        return _("Naar het begin"), application.path
    return _("Ga verder in %(name)s", name=application.name), url_for(application.home)


def _sign_in_failed(error: SignInFailedError) -> tuple[str, int]:
    log.warning("sign-in failed", reason=error.reason)
    again = (_("Meld u opnieuw aan"), url_for("kit.begin"))
    if error.reason == "access_denied":
        return error_page(
            _("U bent niet aangemeld"),
            _(
                "U stopte met aanmelden, of u hebt nog geen recht in deze toepassing. "
                "Meld u opnieuw aan om te zien wat er ontbreekt."
            ),
            403,
            back=again,
        )
    if error.reason == "right_ended":
        return error_page(
            _("Uw recht in deze toepassing is gestopt"),
            _(
                "Daarom bent u afgemeld. Wat u al bewaarde, blijft bij uw organisatie. "
                "Meld u opnieuw aan om te zien wie aan zet is."
            ),
            403,
            back=again,
        )
    if error.reason == "ended_meanwhile":
        return error_page(
            _("U bent intussen afgemeld"),
            _("Uw sessie stopte terwijl u zich aanmeldde. Er is niets bewaard. Meld u opnieuw aan om verder te gaan."),
            403,
            back=again,
        )
    if error.reason == "unknown_state":
        return error_page(
            _("Deze aanmelding is verlopen of al gebruikt"),
            _("Dat gebeurt als u lang wacht of een oude pagina opent. Begin opnieuw: dat duurt maar even."),
            400,
            back=again,
        )
    return error_page(
        _("Aanmelden is niet gelukt"),
        _(
            "Het antwoord van Poortwachter was niet bruikbaar. Er is niets bewaard. Probeer opnieuw, of bel 1700 als het blijft."
        ),
        400 if error.reason != "broker" else 503,
        back=again,
    )


def _right_missing(error: RightMissingError) -> tuple[str, int]:
    person = signed_in()
    names = kit().application.right_names
    needed = _(" of ").join(names[right] for right in error.rights)
    held = ", ".join(sorted(names.get(right, right) for right in person.rights)) if person else ""
    if person is not None and held:
        text = _(
            "Dit kan alleen iemand met de rol %(needed)s. U bent %(held)s voor %(organisation)s: u kunt alles lezen. "
            "Er is niets gewijzigd.",
            needed=needed,
            held=held,
            organisation=person.organisation_name,
        )
    else:
        text = _("Dit kan alleen iemand met de rol %(needed)s. Er is niets gewijzigd.", needed=needed)
    return error_page(_("Dit hoort bij een andere rol"), text, 403, small_title=_("Een andere rol"))


def _broker_unreachable(error: BrokerUnreachableError) -> tuple[str, int]:
    log.error("broker unreachable", reason=str(error))
    posted = request.method == "POST"
    kept = posted and keeps_a_form()
    if kept:
        text = _(
            "Daardoor kunnen we niet nagaan of u dit nog mag. Wat u net verstuurde, houden we een uur voor u bij: "
            "probeer het over enkele minuten opnieuw en het staat weer op de pagina. Er is nog niets gewijzigd."
        )
    else:
        text = _(
            "Daardoor kunnen we niet nagaan wie u bent. Wat u al bewaarde, staat er nog. Probeer het over enkele minuten opnieuw."
        )
    return error_page(
        _("Poortwachter is even niet bereikbaar"),
        text,
        503,
        small_title=_("Even wachten"),
        back=(_("Probeer opnieuw"), request.path if kept or not posted else kit().application.path),
    )


def _busy(_error: BusyError) -> tuple[str, int]:
    log.error("database busy")
    return error_page(
        _("Het is nu erg druk"),
        _(
            "Er is niets bewaard. Ga terug met de terugknop van uw browser, wat u typte staat er nog, en bewaar opnieuw."
        ),
        503,
        small_title=_("Even wachten"),
    )


def _stale_form(_error: CSRFError) -> tuple[str, int]:
    return error_page(
        _("Deze pagina was te oud"),
        _(
            "Er is niets bewaard. Ga terug met de terugknop van uw browser, neem over wat u typte, en open de pagina opnieuw."
        ),
        400,
    )


def _http_error(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    if status == 401:
        return error_page(
            _("U bent niet meer aangemeld"),
            _("Deze pagina vroeg vanzelf iets op. Open de pagina opnieuw om verder te gaan."),
            401,
        )
    if status == 404:
        return error_page(
            _("Deze pagina bestaat niet"),
            _("Misschien is het adres niet volledig, of hoort dit bij een andere organisatie."),
            404,
        )
    if status == 405:
        return error_page(
            _("Dit kan hier niet"), _("Er is niets gewijzigd. Ga terug en gebruik de knoppen op de pagina."), 405
        )
    if status == 413:
        return error_page(
            _("Dit formulier is te groot"),
            _("Er is niets bewaard. Ga terug met de terugknop van uw browser en maak de tekst korter."),
            413,
        )
    if status >= 500:
        return _our_fault(error)
    return error_page(_("Dit verzoek klopt niet"), _("Er is niets gewijzigd. Ga terug en probeer het opnieuw."), status)


def _our_fault(error: Exception) -> tuple[str, int]:
    log.error("unexpected error", kind=type(error).__name__, exc_info=error)
    return error_page(
        _("Er ging iets mis bij ons"),
        _("Dit lag niet aan u. Wat u al bewaarde, staat er nog. Probeer het straks opnieuw, of laat het ons weten."),
        500,
    )
