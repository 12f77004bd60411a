"""From the link to a sent request, as a browser without JavaScript does it (seed 002, issue 2 items 3 to 6)."""

import re

import pytest
from sqlalchemy import func, select

from broker.access.access_request import AccessRequest
from tests.worlds.world import LB_ENTERER, LB_READER

LINK = f"/user/aanvraag?dg=LB&ec={LB_ENTERER}"
TYPED = LINK + "&wie=getypt"


def _count(session):
    return session.scalar(select(func.count()).select_from(AccessRequest))


def _fill(organisation, **more):
    values = {
        "given_name": "Hanne",
        "family_name": "Smet",
        "number": "02051499815",
        "email": "hanne@voorbeeld.test",
        "organisation": organisation.code,
        "zoek": "genk",
        "centre": "C-mine",
    }
    return values | more


def _number(first_nine: str) -> str:
    return f"{first_nine}{97 - int('2' + first_nine) % 97:02d}"


HANNE = _number("020514998")


def _form(client, organisation, path=TYPED, **values):
    page = client.get(path + "&zoek=genk")
    return client.submit(page, _fill(organisation, number=HANNE, **values), form="aanvraag", press=("doe", "verder"))


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("", 400, "ontbreekt de doelgroep"),
        ("dg=LB", 400, "één recht (ec) of één toepassing (an)"),
        (f"dg=LB&ec={LB_ENTERER}&an=cultuurmonitor", 400, "niet allebei"),
        ("dg=XX&ec=CJM", 404, "‘XX’ in deze link bestaat niet"),
        ("dg=LB&ec=CJM_Onbekend", 404, "‘CJM_Onbekend’ in deze link bestaat niet"),
        ("dg=LB&an=onbekend", 404, "toepassing ‘onbekend’"),
        ("dg=LB&ec=CJM_Cultuurmonitor_EA_CompEnt_Invoerder", 400, "spreekt zichzelf tegen"),
        (f"dg=LB&ec={LB_ENTERER}&ctx=bibliotheken", 404, "onderdeel ‘bibliotheken’"),
        (f"dg=LB&ec={LB_ENTERER}&oc=0000000000", 404, "kennen wij niet"),
    ],
)
def test_a_link_that_is_wrong_says_what_is_wrong_and_which_links_exist(client, session, query, status, sentence):
    """SR6: nothing is stored."""
    answer = client.get(f"/user/aanvraag?{query}")
    assert answer.status_code == status
    assert sentence in answer.text
    assert "CJM_Cultuurmonitor_LB_CompEnt_Invoerder" in answer.text
    assert _count(session) == 0


def test_an_organisation_of_another_kind_in_the_link_is_refused(client, world):
    agb = world.organisation("AGB Genk", kind="agb")
    answer = client.get(f"{LINK}&oc={agb.code}")
    assert (answer.status_code, "een ander soort organisatie" in answer.text) == (400, True)


def test_all_eight_links_of_the_seed_lead_to_their_form(client, world):
    application = world.installation.catalogue.applications["cultuurmonitor"]
    assert len(application.entitlement_codes) == 8
    for code in application.entitlement_codes.values():
        answer = client.get(code.link)
        assert answer.status_code == 200
        assert application.rights[code.right_code].name.nl in answer.text


def test_a_link_with_the_application_lets_the_applicant_pick_the_right(client):
    answer = client.get("/user/aanvraag?dg=EA&an=cultuurmonitor")
    assert "CJM_Cultuurmonitor_EA_CompEnt_Raadpleger_Gemeente" in answer.text
    assert "LB_CompEnt" not in answer.text


def test_the_first_page_asks_to_sign_in_or_to_type(client):
    page = client.get(LINK)
    assert "digitale sleutel" in page.text
    assert "/aanmelden?verder=" in page.text
    assert "wie=getypt" in page.text


def test_the_field_for_the_number_says_with_whom_one_shares_it(client):
    """W8."""
    assert (
        "Deel uw rijksregisternummer enkel met uw lokale beheerder en via een veilig kanaal." in client.get(TYPED).text
    )


def test_the_organisation_is_found_by_name_among_those_of_the_right_kind_only(client, world):
    genk = world.organisation("Genk")
    world.organisation("AGB Genk", kind="agb")
    page = client.submit(client.get(TYPED), {"zoek": "genk"}, form="aanvraag", press=("doe", "zoek"))
    assert genk.code in page.text
    assert "AGB Genk" not in page.text
    by_number = client.submit(client.get(TYPED), {"zoek": genk.kbo}, form="aanvraag", press=("doe", "zoek"))
    assert genk.code in by_number.text


def test_every_error_stands_at_its_field_and_on_top_and_what_was_typed_stays(client, world, session):
    world.organisation("Genk")
    page = client.submit(
        client.get(TYPED),
        {
            "given_name": "Hanne",
            "family_name": "",
            "number": "93.05.18-223.6",
            "email": "hanne@elzevoorde",
            "zoek": "genk",
        },
        form="aanvraag",
        press=("doe", "verder"),
    )
    assert page.status_code == 422
    assert page.text.count("Dit nummer heeft 10 cijfers. Het moeten er 11 zijn.") == 2
    assert 'value="Hanne"' in page.text
    assert 'value="93.05.18-223.6"' in page.text
    assert "Vul een volledig e-mailadres in" in page.text
    assert "Kies uw organisatie in de lijst" in page.text
    assert page.text.count("<title>Fout:") == 1
    assert _count(session) == 0


def test_controleer_en_bevestig_shows_all_that_is_sent_and_to_whom_and_sends_nothing_yet(client, world, session):
    """Seed-sentences W1: only its button sends."""
    genk = world.organisation("Genk")
    page = _form(client, genk, message="Ik neem de cijfers over.")
    for shown in (
        "Hanne Smet",
        "hanne@voorbeeld.test",
        "C-mine",
        "Cultuurmonitor Invoerder",
        "Ik neem de cijfers over.",
    ):
        assert shown in page.text
    assert "lokale beheerders van Genk" in page.text
    assert HANNE not in page.text
    assert _count(session) == 0


def test_back_to_change_something_keeps_everything(client, world):
    page = _form(client, world.organisation("Genk"))
    back = client.submit(page, {}, form="aanvraag", press=("doe", "wijzig"))
    assert 'value="hanne@voorbeeld.test"' in back.text
    assert 'value="C-mine"' in back.text


def test_typed_from_the_link_to_the_tracking_page(client, world, session, inbox):
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    sent = client.submit(_form(client, genk), {}, press=("doe", "verstuur"))
    assert sent.status_code == 303
    assert "Kijk in uw mailbox" in client.get(sent.location).text
    link = inbox.last_to("hanne@voorbeeld.test").path
    swapped = client.get(link)
    assert swapped.location == "/link/bevestigen"
    assert link.rsplit("/", 1)[1] not in swapped.location  # TL1: the address holds the token no longer
    for _ in range(3):
        client.head(link)  # EP1: a mail scanner opens links; nothing is consumed
        asked = client.get("/link/bevestigen")
    assert "Ja, dit adres is van mij" in asked.text
    done = client.submit(asked, {}, form="bevestigen", press=("doe", "bevestig"))
    story = client.get(done.location)
    assert "Wacht op uw beheerder" in story.text
    assert "een lokale beheerder van Genk" in story.text
    assert administrator.family_name not in story.text
    assert len(inbox.mails_to(administrator.email)) == 1
    # later, from the mail
    fresh = client.application.test_client()
    tracking = inbox.last_to("hanne@voorbeeld.test").path
    assert "Wacht op uw beheerder" in fresh.get(fresh.get(tracking).location).text


def test_a_used_mail_link_says_so_and_leads_back_to_the_form(client, world, inbox):
    request = world.typed_request(world.organisation("Genk"), email="hanne@voorbeeld.test", prove=False)
    path = inbox.last_to("hanne@voorbeeld.test").path
    client.get(path)
    client.submit(client.get("/link/bevestigen"), {}, form="bevestigen", press=("doe", "bevestig"))
    again = client.application.test_client()
    again.get(path)
    answer = again.get("/link/bevestigen")
    assert answer.status_code == 410
    assert LB_ENTERER in answer.text
    assert world.fresh(AccessRequest, request.id).status == "open"


def test_not_me_ends_the_request(client, world, inbox):
    """EP1: the page offers "not me"."""
    request = world.typed_request(world.organisation("Genk"), email="hanne@voorbeeld.test", prove=False)
    client.get(inbox.last_to("hanne@voorbeeld.test").path)
    client.submit(client.get("/link/bevestigen"), {}, form="bevestigen", press=("doe", "niet-ik"))
    assert world.fresh(AccessRequest, request.id).status == "cancelled"


def test_the_number_of_a_request_opens_nothing(client, world):
    """TL2: without link or sign-in it does not exist."""
    request = world.request()
    assert client.get(f"/aanvraag/{request.number}").status_code == 404
    assert client.get("/aanvraag/PW-2026-000000").status_code == 404


def test_signed_in_with_a_proved_address_the_request_opens_at_once(client, world):
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente")
    nele = world.person("Nele Vercauteren")
    world.sign_in(client, nele)
    page = client.get(LINK + "&zoek=genk")
    assert "Nele Vercauteren" in page.text
    assert 'name="given_name"' not in page.text
    check = client.submit(
        page,
        {"email": nele.email, "organisation": genk.code, "centre": "C-mine"},
        form="aanvraag",
        press=("doe", "verder"),
    )
    assert "nog geen lokale beheerder" in check.text
    sent = client.submit(check, {}, form="aanvraag", press=("doe", "verstuur"))
    story = client.get(sent.location)
    assert "Wacht op een beheerder" in story.text
    assert "de doelgroepverantwoordelijke voor" in story.text


def test_a_name_that_a_signed_in_applicant_posts_is_ignored(client, world, session):
    """SR6: verified facts cannot be edited."""
    genk = world.organisation("Genk")
    nele = world.person("Nele Vercauteren")
    world.sign_in(client, nele)
    check = client.submit(
        client.get(LINK + "&zoek=genk"),
        {
            "email": nele.email,
            "organisation": genk.code,
            "centre": "C",
            "given_name": "Iemand",
            "family_name": "Anders",
        },
        form="aanvraag",
        press=("doe", "verder"),
    )
    client.submit(check, {}, form="aanvraag", press=("doe", "verstuur"))
    assert session.scalars(select(AccessRequest)).one().full_name == "Nele Vercauteren"


def test_having_the_other_role_offers_a_change_of_role(client, world, session):
    genk = world.organisation("Genk")
    tom = world.person("Tom Bogaert", works_for=genk)
    old = world.grant(tom, genk, "raadpleger")
    world.sign_in(client, tom)
    refused = client.submit(
        client.get(LINK + "&zoek=genk"),
        {"email": tom.email, "organisation": genk.code, "centre": "C"},
        form="aanvraag",
        press=("doe", "verder"),
    )
    assert refused.status_code == 409
    assert "Iemand kan maar één rol hebben" in refused.text
    check = client.submit(refused, {}, form="aanvraag", press=("doe", "wissel"))
    assert "wissel van rol" in check.text
    client.submit(check, {}, form="aanvraag", press=("doe", "verstuur"))
    assert session.scalars(select(AccessRequest)).one().replaces_grant_id == old.id


def test_already_having_the_right_says_so(client, world, session):
    genk = world.organisation("Genk")
    tom = world.person("Tom Bogaert", works_for=genk)
    world.grant(tom, genk, "raadpleger")
    world.sign_in(client, tom)
    refused = client.submit(
        client.get(f"/user/aanvraag?dg=LB&ec={LB_READER}&zoek=genk"),
        {"email": tom.email, "organisation": genk.code, "centre": "C"},
        form="aanvraag",
        press=("doe", "verder"),
    )
    assert refused.status_code == 409
    assert "U hebt dit recht al" in refused.text
    assert _count(session) == 0


def test_sending_twice_sends_once(client, world, session):
    """Double submit and the back button: the random id of the form gives the first one back."""
    check = _form(client, world.organisation("Genk"))
    client.submit(check, {}, form="aanvraag", press=("doe", "verstuur"))
    client.submit(check, {}, form="aanvraag", press=("doe", "verstuur"))
    assert _count(session) == 1


def test_a_draft_opens_in_its_own_browser_only(client, world, session):
    """A draft is sealed for one browser and one link."""
    check = _form(client, world.organisation("Genk"))
    draft = re.search(r'name="draft" value="([^"]+)"', check.text)[1]
    stranger = client.application.test_client()
    page = stranger.get(TYPED)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    answer = stranger.post(TYPED, data={"draft": draft, "doe": "verstuur", "csrf_token": token})
    assert answer.status_code == 303
    assert _count(session) == 0


def test_an_economic_actor_that_is_not_in_the_list_can_be_proposed(client, world, session):
    """Seed-sentences M1: EA links only."""
    world.officer_of("EA", "economische_actor")
    link = "/user/aanvraag?dg=EA&ec=CJM_Cultuurmonitor_EA_CompEnt_Invoerder"
    nele = world.person("Nele Vercauteren")
    world.sign_in(client, nele)
    form = client.submit(client.get(link), {}, form="aanvraag", press=("doe", "niet-in-lijst"))
    wrong = client.submit(
        form,
        {"email": nele.email, "proposal_kbo": "0999.000.229", "centre": "Zaal"},
        form="aanvraag",
        press=("doe", "verder"),
    )
    assert wrong.status_code == 422
    assert "geen geldig KBO-nummer" in wrong.text
    check = client.submit(
        wrong,
        {
            "proposal_kbo": "0999.000.228",
            "proposal_name": "De Nieuwe Zaal",
            "proposal_address": "Markt 1, 3600 Genk",
            "proposal_representative": "An Peeters, directeur",
        },
        form="aanvraag",
        press=("doe", "verder"),
    )
    assert "Eerst aan de doelgroepverantwoordelijke" in check.text
    sent = client.submit(check, {}, form="aanvraag", press=("doe", "verstuur"))
    assert "Wacht op toelating van uw organisatie" in client.get(sent.location).text
    assert "niet-in-lijst" not in client.get(LINK).text


def test_withdrawing_takes_a_second_click(client, world):
    nele = world.person("Nele Vercauteren")
    request = world.request(nele)
    world.sign_in(client, nele)
    path = f"/aanvraag/{request.number}"
    assert "Aanvraag intrekken…" in client.get(path).text
    sure = client.get(f"{path}/intrekken")
    assert world.fresh(AccessRequest, request.id).status == "open"
    client.submit(sure, {}, form="intrekken")
    assert world.fresh(AccessRequest, request.id).status == "withdrawn"
    assert "Ingetrokken" in client.get(path).text


def test_a_lost_link_is_mailed_to_the_proved_address_only_and_the_answer_is_always_the_same(
    client, world, inbox, clock
):
    """TL4, threats rule 2."""
    from datetime import timedelta

    nele = world.person("Nele Vercauteren")
    request = world.request(nele)
    before = len(inbox.mails)
    clock.shift(timedelta(hours=1))
    answers = []
    for email in ("vreemd@voorbeeld.test", nele.email):
        client.submit(client.get("/aanvraag"), {"number": request.number, "email": email}, form=0)
        answers.append(client.get("/aanvraag").text)
    assert len(inbox.mails) == before + 1
    assert inbox.last_to(nele.email).path.startswith("/link/")


def test_a_leaked_link_cannot_end_a_right(client, world, inbox, session):
    """TL3: giving back needs a sign-in."""
    from broker.access.decide_request import decide_request
    from broker.access.decision import Decision
    from broker.database import perform

    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    nele = world.person("Nele Vercauteren")
    request = world.request(nele, genk)
    perform(decide_request, world.installation, ilse.id, Decision(world.task(request).id, approve=True))
    path = client.get(inbox.last_to(nele.email).links[-1].removeprefix("http://localhost:8000")).location
    token = client.csrf_token("/aanvraag")
    answer = client.post(f"/aanvraag/{request.number}/teruggeven", data={"csrf_token": token})
    assert answer.status_code == 303
    assert answer.location.startswith("/aanmelden")
    assert path is not None


def test_the_tracking_link_dies_ninety_days_after_the_decision(client, world, inbox, clock):
    """TL4: readable after it was decided, not for ever."""
    from datetime import timedelta

    from broker.access.withdraw_request import withdraw_request
    from broker.database import perform

    nele = world.person("Nele Vercauteren")
    request = world.request(nele)
    perform(withdraw_request, world.installation, request.id)
    path = inbox.last_to(nele.email).path
    clock.shift(timedelta(days=80))
    assert client.get(client.get(path).location).status_code == 200
    clock.shift(timedelta(days=20))
    assert client.get(client.get(path).location).status_code == 404


def _without_secrets(page: str) -> str:
    return re.sub(r'<input type="hidden"[^>]*>', "", page)


def test_who_proved_nothing_does_not_learn_whether_an_organisation_has_an_administrator(client, world):
    """SR3: the form and the page that confirms it are the same, sign for sign."""
    genk = world.organisation("Genk")
    before = [_without_secrets(page.text) for page in (client.get(TYPED + "&zoek=genk"), _form(client, genk))]
    world.administrator_of(genk)
    after = [_without_secrets(page.text) for page in (client.get(TYPED + "&zoek=genk"), _form(client, genk))]
    assert before == after
