"""Asking for an affiliation alone: the road of every request, and no right at its end (issue 4, Asking)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.explain_direct import codes_offered
from broker.access.grant import Grant
from broker.database import perform
from broker.errors import ConflictError, ForbiddenError
from broker.people.affiliation import Affiliation

LINK = "/user/aanvraag_werkrelatie"
CODE = "Werkrelatie_LB_gemeente"


@pytest.fixture
def genk(world):
    return world.organisation("Genk")


def _approve(world, actor, request):
    return perform(decide_request, world.installation, actor.id, Decision(world.task(request).id, approve=True))


def test_the_link_leads_to_the_form_of_that_organisation(client, genk):
    answer = client.get(f"{LINK}?dg=LB&oc={genk.code}")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query) == {"dg": ["LB"], "ec": [CODE], "oc": [genk.code]}
    assert "Genk" in client.get(answer.location + "&wie=getypt").text


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("dg=XX", 404), ("dg=LB", 200), ("dg=LB&oc=0000000000", 200), ("dg=EA&oc=GENK", 400)],
)
def test_a_link_that_is_wrong_says_so(client, genk, query, status):
    """SR6: as for every link; without a known organisation one picks its kind first."""
    page = client.get(f"{LINK}?{query.replace('GENK', genk.code)}", follow_redirects=True)
    assert page.status_code == status


def test_from_the_link_to_the_affiliation_and_no_right(client, world, genk, session, inbox):
    ilse = world.administrator_of(genk)
    nele = world.person("Nele Vercauteren", email="nele@voorbeeld.test")
    world.sign_in(client, nele)
    form = client.get(f"{LINK}?dg=LB&oc={genk.code}", follow_redirects=True)
    check = client.submit(form, {"email": "nele@voorbeeld.test"}, form="aanvraag", press=("doe", "verder"))
    followed = client.submit(check, form="aanvraag", press=("doe", "verstuur")).location
    world.sign_in(client, ilse)
    task = client.get(client.get("/taken").text.split('href="/taken/')[1].split('"')[0].join(["/taken/", ""]))
    assert "Werkt Nele Vercauteren voor Genk?" in task.text
    assert "Periode" not in task.text
    done = client.submit(task, {"beslissing": "goedkeuren"}, form="beslis")
    assert done.location == "/taken"
    assert "staat nu als medewerker bij ons" in client.get("/taken").text
    job = session.scalars(select(Affiliation).where(Affiliation.person_id == nele.id)).one()
    assert (job.organisation_id, job.email, job.email_source) == (genk.id, "nele@voorbeeld.test", "proved")
    assert session.scalar(select(func.count()).select_from(Grant)) == 0
    assert any("Een recht hebt u daarmee nog niet" in mail.text for mail in inbox.mails_to("nele@voorbeeld.test"))
    assert not inbox.mails_to("info@vlaanderen.be")
    world.sign_in(client, nele)
    assert "U staat bij Genk" in client.get(followed).text


def test_a_typed_number_makes_a_person_who_is_linked_at_the_first_sign_in(world, genk, session):
    ilse = world.administrator_of(genk)
    request = world.typed_request(genk, entitlement=CODE)
    assert _approve(world, ilse, request).outcome == "affiliated"
    jobs = session.scalars(select(Affiliation).where(Affiliation.person_id != ilse.id)).all()
    assert [job.organisation_id for job in jobs] == [genk.id]


def test_who_works_there_already_asks_nothing_and_is_told(world, genk):
    nele = world.person("Nele Vercauteren", works_for=genk)
    with pytest.raises(ConflictError) as refused:
        world.request(nele, genk, entitlement=CODE)
    assert refused.value.code == "already"
    assert "onze gegevens" in refused.value.text.nl


def test_nobody_decides_about_his_own(world, genk):
    """Rule 6."""
    ilse = world.administrator_of(world.organisation("Hasselt"))
    request = world.request(ilse, genk, entitlement=CODE)
    world.administrator_of(genk, person=ilse)
    with pytest.raises(ForbiddenError):
        _approve(world, ilse, request)


def test_it_is_no_right_that_an_administrator_could_give_or_upload(world, genk):
    offered = {code.application_code for code in codes_offered(world.installation.catalogue, genk)}
    assert offered == {"cultuurmonitor", "jeugdmonitor"}


def test_it_is_not_among_the_applications_of_the_first_page(client):
    assert "/toepassingen/werkrelatie" not in client.get("/").text
