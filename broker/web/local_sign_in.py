"""/aanmelden/account: signing in with a user name and password of our own, and the code that follows by SMS (seed 004).

Owns these pages and the cookie of a remembered device. Does not own what is judged (authentication/), nor setting a password
(`web.set_password`). The answer to a user name that nobody has is that to a wrong password, in words, status and work
(threats PW3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from broker.authentication.answer_code import (
    PHONE_CHANGED,
    PHONE_PROVED,
    TOO_MANY,
    USED_UP,
    answer_code,
    number_of,
    send_another,
    takes_app,
)
from broker.authentication.finish_local_sign_in import OVER, RIGHT, WRONG
from broker.authentication.forgotten_password import ask_password_link
from broker.authentication.local_sign_in import (
    CHANGE_PHONE,
    SIGN_IN,
    PendingSignIn,
    SignInWish,
    late_sign_in,
    pending_sign_in,
)
from broker.authentication.passkey import has_passkey
from broker.authentication.passwords import LONGEST_BYTES, hashing_place, password_is
from broker.authentication.remembered_device import DeviceCookie, read_device_cookie
from broker.authentication.send_sms_code import MANY_WRONG, NO_BUDGET, NOT_HERE, TOO_SOON, number_key_of
from broker.authentication.send_sms_code import TOO_MANY as TOO_MANY_SENT
from broker.authentication.session import cookie_token
from broker.authentication.sign_in_delay import forgive_guess
from broker.authentication.sms_code import BETWEEN
from broker.authentication.sms_delivery import FAILED, LATE, UNSURE, CodeOnItsWay, code_on_its_way
from broker.authentication.try_password import accept_try, claim_try, refuse_try
from broker.catalogue import Application, Terms
from broker.database import db, perform
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.installation import installation
from broker.people.mobile_number import masked_mobile
from broker.text import Text
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.requests import source_address
from broker.web.sign_in_wish import (
    ACCOUNT_PATH,
    BY_KEY,
    CONFIRM_PATH,
    PASSKEY_PATH,
    Wish,
    application_of,
    asked_wish,
    let_in,
    words_of,
)
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import signed_in
from look.language import gettext as _

blueprint = Blueprint("local_sign_in", __name__)

CODE_PATH = f"{ACCOUNT_PATH}/code"
FORGOTTEN_PATH = f"{ACCOUNT_PATH}/vergeten"
READY_PATH = f"{ACCOUNT_PATH}/klaar"
PROFILE_PATH = "/mijn-profiel"
NUMBER_PATH = f"{PROFILE_PATH}/mobiel-nummer"
PENDING = "local_sign_in"
LONGEST_USER_NAME = 200


@blueprint.get(ACCOUNT_PATH)
def show() -> Response:
    """The form."""
    wish = offered_wish()
    if wish.fulfilled_by(signed_in()):
        return redirect(wish.path, code=303)
    return _form(wish, "", {}, 200)


@blueprint.post(ACCOUNT_PATH)
def enter() -> Response:
    """Log In."""
    wish = offered_wish()
    user_name = request.form.get("gebruikersnaam", "")[:LONGEST_USER_NAME]
    password = request.form.get("wachtwoord", "")
    wrong = _missing(wish, user_name, password)
    if wrong:
        return _form(wish, user_name, wrong, 422)
    device = read_device_cookie(request.cookies.get(device_cookie_name()))
    with hashing_place():
        claimed = perform(claim_try, installation(), user_name, source_address(), device)
        if claimed.wait:
            return _form(wish, user_name, {"wachtwoord": wait_sentence(claimed.wait)}, 429, wait=claimed.wait)
        right = password_is(password, claimed.password_hash)
    if not right:
        perform(refuse_try, claimed)
        return _form(wish, user_name, {"wachtwoord": WRONG_PASSWORD}, 422)
    perform(forgive_guess, claimed.lanes)
    asked = SignInWish(wish.path, wish.application.code if wish.application else None, wish.least, wish.fresh)
    try:
        entered = perform(accept_try, installation(), claimed, asked, wish.of_local_account, device, cookie_token())
    except (ConflictError, ForbiddenError) as error:
        needs_app = error.code == "needs_app"
        return _form(wish, user_name, {"gebruikersnaam": error.text}, status_of(error), needs_app=needs_app)
    tell_renewed(entered.renewed)
    if entered.session_token is not None:
        response = let_in(wish.path, entered.session_token, PENDING)
        _keep_device(response, entered.device, wish.application)
        return response
    if entered.not_sent is not None:
        tell("wait", say(NOT_SENT[entered.not_sent]))
    session[PENDING] = entered.pending
    return redirect(CODE_PATH, code=303)


@blueprint.get(CODE_PATH)
def ask_code() -> Response:
    """The code that came by SMS."""
    pending = pending_here()
    return code_page(pending, {}, 200) if pending else begin_again()


@blueprint.post(CODE_PATH)
def judge_code() -> Response:
    """Controleren."""
    pending = pending_here()
    typed = request.form.get("code", "")[:20]
    if pending is None:
        return begin_again()
    remember = request.form.get("onthoud") == "1"
    if not typed.strip():
        return code_page(pending, {"code": NO_CODE}, 422, remember=remember)
    try:
        answered = perform(
            answer_code, installation(), session[PENDING], typed, remember=remember, cookie=cookie_token()
        )
    except ForbiddenError as error:
        return code_page(pending, {"code": error.text}, status_of(error), remember=remember)
    if answered.outcome == OVER:
        return begin_again()
    if answered.outcome == PHONE_PROVED:
        session.pop(PENDING, None)
        tell(
            "ok",
            _("Uw account is klaar."),
            _(
                "Uw e-mailadres en uw mobiel nummer kloppen. Uw beheerder leest dat in een mail, en kan u nu een recht geven."
            ),
        )
        code = answered.wish.application_code if answered.wish else None
        return redirect(f"{READY_PATH}?{urlencode({'toepassing': code or ''})}", code=303)
    if answered.outcome == PHONE_CHANGED:
        session.pop(PENDING, None)
        tell("ok", _("Uw mobiel nummer is gewijzigd."), _("Codes komen voortaan daar aan."))
        return redirect("/mijn-profiel#account", code=303)
    if answered.outcome == RIGHT and answered.session_token is not None and answered.wish is not None:
        response = let_in(answered.wish.return_path, answered.session_token, PENDING)
        if answered.device is not None:
            _keep_device(response, answered.device, application_of(answered.wish.application_code))
        return response
    sentences = {WRONG: wrong_code_sentence(answered.left), USED_UP: USED_UP_CODE, TOO_MANY: TOO_MANY_CODES}
    back = "" if answered.left == 0 else typed
    return code_page(pending, {"code": sentences[answered.outcome]}, 422, back, remember=remember)


@blueprint.post(f"{CODE_PATH}/opnieuw")
def resend() -> Response:
    """Another code."""
    sending = perform(send_another, installation(), session.get(PENDING, ""))
    if sending is None:
        return begin_again()
    if sending.refused is None:
        tell("ok", _("Een nieuwe code is onderweg."), _("De vorige werkt niet meer."))
    else:
        tell("wait", say(NOT_SENT[sending.refused]))
    return redirect(CODE_PATH, code=303)


@blueprint.get(f"{CODE_PATH}/opnieuw")
def back_to_code() -> Response:
    """Where a reload, or the other language, leads."""
    return redirect(CODE_PATH, code=303)


@blueprint.get(FORGOTTEN_PATH)
def ask_forgotten() -> Response:
    """Who forgot."""
    return _forgotten("", {}, 200)


@blueprint.post(FORGOTTEN_PATH)
def forgotten() -> Response:
    """The same answer to everybody; the mail tells the truth (threats rule 2)."""
    typed = request.form.get("gebruikersnaam", "").strip()[:LONGEST_USER_NAME]
    if not typed:
        return _forgotten("", {"gebruikersnaam": NO_USER_NAME}, 422)
    perform(ask_password_link, installation(), typed)
    return redirect(f"{FORGOTTEN_PATH}/verstuurd", code=303)


@blueprint.get(f"{FORGOTTEN_PATH}/verstuurd")
def forgotten_sent() -> Response:
    """What happens now."""
    applications = installation().catalogue.with_local_accounts()
    only = (
        applications[0] if len(applications) == 1 else None
    )  # whose team answers, where nobody says what they come for
    return make_response(local_page("forgotten_sent", again=ACCOUNT_PATH, application=only))


@blueprint.get(READY_PATH)
def ready() -> Response:
    """A password was set, and there is nothing more to prove: on to the application, or to the door."""
    application = application_of(request.args.get("toepassing"))
    return make_response(
        local_page(
            "ready",
            application=application,
            onward=application.entrance if application else ACCOUNT_PATH,
        )
    )


@blueprint.get("/voorwaarden/<application_code>/<document>")
def terms(application_code: str, document: str) -> Response:
    """One of the documents at the box."""
    application = application_of(application_code)
    policy = application.local_account if application else None
    found = next((each for each in policy.terms if each.code == document), None) if policy else None
    if application is None or found is None:
        raise NotFoundError
    return make_response(local_page("terms", application=application, terms=found))


def local_page(name: str, **shown: Any) -> str:
    """A page of local accounts."""
    return render_template(f"local_account/{name}.html", helpdesk=installation().catalogue.helpdesk, **shown)


def device_cookie_name() -> str:
    """The name of a remembered device's cookie."""
    return "__Host-poortwachter-apparaat" if installation().settings.secure else "poortwachter-apparaat"


def keep_device(response: Response, device: DeviceCookie, lifetime: timedelta) -> None:
    """The cookie of a device."""
    response.set_cookie(
        device_cookie_name(),
        device.value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=installation().settings.secure,
    )


def _keep_device(response: Response, device: DeviceCookie | None, application: Application | None) -> None:
    if device is not None:
        policy = application.local_account if application else None
        keep_device(response, device, timedelta(days=policy.remember_days if policy else 7))


def offered_wish() -> Wish:
    """The wish of this request, where a local account can fulfil it."""
    wish = asked_wish()
    if not wish.takes_local_account(signed_in()):
        raise NotFoundError
    return wish


def pending_here() -> PendingSignIn | None:
    """What this browser's right password must still be followed by; None where that is over."""
    return pending_sign_in(db.session(), session.get(PENDING, ""))


def begin_again() -> Response:
    """As the ten minutes are over: from the user name, for the same as before; or from the number that was to be proved."""
    late = late_sign_in(db.session(), session.pop(PENDING, ""))
    tell("wait", _("Deze aanmelding is niet meer geldig."), _("Ze duurde langer dan tien minuten. Begin opnieuw."))
    if late is None:
        return redirect(ACCOUNT_PATH if installation().catalogue.with_local_accounts() else "/aanmelden", code=303)
    if late.purpose == CHANGE_PHONE:
        return redirect(NUMBER_PATH, code=303)
    wish = Wish(late.return_path, application_of(late.application_code), late.requested_level, late.fresh)
    return redirect(f"{ACCOUNT_PATH}?{urlencode(wish.query)}", code=303)


def not_agreed(wish: Wish) -> Text | None:
    """What is wrong with the box: it was not ticked, or what it speaks of has changed since the page was made."""
    if request.form.get("akkoord") != "1":
        return NOT_AGREED
    return TERMS_CHANGED if request.form.get("voorwaarden") != wish.terms_shown else None


def agreed(wish: Wish) -> bool:
    """Whether the box comes back as it was: ticked by the person in this very form, and for what it speaks of now."""
    return request.method == "POST" and not_agreed(wish) is None


def _missing(wish: Wish, user_name: str, password: str) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if not user_name.strip():
        wrong["gebruikersnaam"] = NO_USER_NAME
    if not password:
        wrong["wachtwoord"] = NO_PASSWORD
    box = not_agreed(wish)
    if box is not None:
        wrong["akkoord"] = box
    return wrong


def _form(
    wish: Wish, user_name: str, wrong: Mapping[str, Text], status: int, wait: int = 0, *, needs_app: bool = False
) -> Response:
    """The form, with what was typed but for the password. `needs_app`: with the way to where one is added."""
    page = local_page(
        "sign_in",
        wish=wish,
        user_name=user_name,
        applications=wish.of_local_account,
        agreed=agreed(wish),
        keys=wish.keys(signed_in()),
        other_ways=f"/aanmelden?{urlencode({**wish.query, BY_KEY: '1'})}",
        by_passkey=f"{PASSKEY_PATH}?{urlencode(wish.query)}",
        forgotten=FORGOTTEN_PATH,
        to_profile=f"{ACCOUNT_PATH}?{urlencode({'verder': PROFILE_PATH})}" if needs_app else "",
        longest=LONGEST_BYTES,
        path=ACCOUNT_PATH,
        **field_errors(wrong),
        **words_of(wish),
    )
    response = make_response(page, status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page of the code says of it; `until` is None where none is on its way."""

    number: str
    until: datetime | None
    again_at: datetime | None
    trouble: str


def code_page(
    pending: PendingSignIn, wrong: Mapping[str, Text], status: int, typed: str = "", *, remember: bool = False
) -> Response:
    """The second step: the code that came by SMS or that an app shows, or a passkey; with what was typed and ticked."""
    number = number_of(installation(), pending)
    on_its_way = code_on_its_way(
        db.session(), pending.account.id, number_key_of(installation(), number), pending.row.password_at
    )
    application = application_of(pending.row.application_code)
    policy = application.local_account if application else None
    signs_in = pending.row.purpose == SIGN_IN
    has_app = takes_app(db.session(), pending)
    app = has_app and not _was_sent(pending, on_its_way)
    passkey = pending.takes_stronger and has_passkey(db.session(), pending.account.id)
    page = local_page(
        "code",
        shown=_shown(number, on_its_way),
        app=app,
        has_app=has_app,
        passkey=passkey,
        confirm_path=CONFIRM_PATH,
        asks_code=app or not passkey or _was_sent(pending, on_its_way),
        typed=typed,
        remember=remember,
        remember_days=policy.remember_days if policy and signs_in else 0,
        path=CODE_PATH,
        application=application,
        **field_errors(wrong),
        **words_of(Wish("/", application, 0, False)),
    )
    return make_response(page, status)


def _was_sent(pending: PendingSignIn, code: CodeOnItsWay | None) -> bool:
    """Whether a message went out since the password was right: who has an app or a passkey gets one only when they ask."""
    return code is not None and code.created_at >= pending.row.password_at


def _shown(number: str, code: CodeOnItsWay | None) -> _Shown:
    masked = masked_mobile(number).replace(" ", "\u00a0")
    if code is None:
        return _Shown(masked, None, None, "")
    trouble = say(_TROUBLE[code.state]) if code.state in _TROUBLE else ""
    return _Shown(masked, code.expires_at, code.created_at + BETWEEN, trouble)


def _forgotten(typed: str, wrong: Mapping[str, Text], status: int) -> Response:
    words: dict[str, Any] = {**field_errors(wrong)}
    page = local_page("forgotten", typed=typed, path=FORGOTTEN_PATH, back=ACCOUNT_PATH, **words)
    return make_response(page, status)


def tell_renewed(renewed: tuple[Terms, ...]) -> None:
    """Say which documents are newer than at the last sign-in."""
    if renewed:
        named = ", ".join(f"{say(each.title)} ({each.version})" for each in renewed)
        tell(
            "info",
            _("De voorwaarden zijn gewijzigd sinds uw vorige aanmelding."),
            _("U ging akkoord met: %(named)s.", named=named),
        )


def wait_sentence(seconds: int) -> Text:
    """How long the next guess waits."""
    if seconds < 90:
        dutch, english = ("1 seconde", "1 second") if seconds == 1 else (f"{seconds} seconden", f"{seconds} seconds")
    else:
        minutes = -(-seconds // 60)
        dutch, english = f"{minutes} minuten", f"{minutes} minutes"
    return Text(
        f"Er waren te veel pogingen. Wacht {dutch} en probeer opnieuw.",
        f"There were too many attempts. Wait {english} and try again.",
    )


def wrong_code_sentence(left: int) -> Text:
    """How often somebody may still try; `left` is 1 or more."""
    once = "once more" if left == 1 else f"{left} more times"
    return Text(
        f"Deze code klopt niet. Kijk de cijfers nog eens na. U kunt nog {left} keer proberen.",
        f"This code is not right. Look at the digits again. You can try {once}.",
    )


NO_USER_NAME = Text("Vul uw gebruikersnaam in.", "Fill in your user name.")
NO_PASSWORD = Text("Vul uw wachtwoord in.", "Fill in your password.")
NOT_AGREED = Text("Vink dit aan om verder te gaan.", "Tick this to go on.")
TERMS_CHANGED = Text(
    "De voorwaarden zijn net gewijzigd. Lees ze na en vink dit opnieuw aan.",
    "The terms changed a moment ago. Read them and tick this again.",
)
NO_CODE = Text("Vul de code van 6 cijfers in.", "Fill in the code of 6 digits.")
WRONG_PASSWORD = Text("De gebruikersnaam of het wachtwoord klopt niet.", "The user name or the password is not right.")
USED_UP_CODE = Text("Deze code werkt niet meer. Vraag een nieuwe.", "This code no longer works. Ask for a new one.")
TOO_MANY_CODES = Text(
    "Er zijn te veel verkeerde codes ingevuld. Probeer het morgen opnieuw, of kies via ‘Wachtwoord vergeten’ een nieuw wachtwoord.",
    "Too many wrong codes were filled in. Try again tomorrow, or choose a new password by ‘Forgotten your password’.",
)
NOT_SENT = {
    MANY_WRONG: TOO_MANY_CODES,
    NOT_HERE: Text(
        "Hier telt alleen een code uit uw app of een toegangssleutel.",
        "Only a code from your app or a passkey counts here.",
    ),
    TOO_SOON: Text("Een nieuwe code kan pas na 60 seconden.", "A new code is possible after 60 seconds only."),
    TOO_MANY_SENT: Text(
        "U kreeg al 5 codes dit uur. Wacht even, of gebruik de laatste.",
        "You had 5 codes this hour already. Wait a while, or use the last one.",
    ),
    NO_BUDGET: Text(
        "Er kan nu geen sms vertrekken. Probeer het later opnieuw, of bel de helpdesk.",
        "No text message can leave now. Try again later, or call the helpdesk.",
    ),
}
_TROUBLE = {
    LATE: Text(
        "De sms-dienst antwoordt nog niet. Wij blijven proberen; u hoeft niets te doen.",
        "The text message service does not answer yet. We keep trying; you need not do anything.",
    ),
    FAILED: Text(
        "De sms kon niet worden bezorgd op dit nummer. Klopt het niet meer? Neem contact op met uw beheerder.",
        "The text message could not be delivered to this number. Is it no longer right? Get in touch with your administrator.",
    ),
    UNSURE: Text(
        "Wij weten niet of de sms is aangekomen. Vraag een nieuwe code als u niets kreeg.",
        "We do not know whether the text message arrived. Ask for a new code if you received nothing.",
    ),
}
