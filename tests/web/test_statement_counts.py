"""What each page of the desk costs in statements: at most twelve, and the same whether few people are there or many (issue 4)."""

import pytest

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.asked_facts import NUMBER, USED, VERIFIED, AskedFacts
from broker.access.claim_task import claim_task
from broker.access.end_affiliation import end_affiliation
from broker.access.open_doubts import open_doubts
from broker.access.submit_request import ProposedOrganisation
from broker.access.task import FOR_ADMISSION, FOR_LABEL, FOR_REPORT, FOR_VACANCY, Task
from broker.database import changing_session, db, perform
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HELPDESK, HELPDESK_SCOPE, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import tell_of_vacancies
from tests.access.test_campaigns import opened
from tests.web.test_owner import owner_of
from tests.web.test_people import many
from tests.web.test_reporting import reported
from tests.worlds.client import Client
from tests.worlds.statements import Seen, Statements
from tests.worlds.world import World

AT_MOST = 12
FEW, MORE = 5, 60


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


class Desk:
    """Somebody at the pages of Genk, and what each costs."""

    def __init__(self, world: World, client: Client, statements: Statements, genk: Organisation) -> None:
        self._world, self._client, self._statements, self._place = world, client, statements, genk

    def costs_the_same(self, reader: Person, *paths: str, reachable: bool = True) -> None:
        """Each of `paths`, for `reader`: with few people at Genk, and with more and more administrators besides, who can be told
        by mail or (for an officer who steps in) cannot."""
        self._world.sign_in(self._client, reader)
        self._grow(FEW, 1, reachable)
        few = {path: self._cost(path) for path in paths}
        self._grow(MORE, 5, reachable)
        for path, seen in few.items():
            again = self._cost(path)
            assert len(seen) <= AT_MOST, (path, len(seen), seen)
            assert len(again) == len(seen), (path, seen, again)

    def _grow(self, people: int, administrators: int, reachable: bool) -> None:
        many(self._world, self._place, people)
        for number in range(administrators):
            person = self._world.person(f"Beheerder Nummer{number}", email="" if reachable else None)
            self._world.administrator_of(self._place, person=person)
            self._world.deputy_of(person, self._place, f"Vervanger Nummer{number}")
            self._world.grant(person, self._place, role_key=None)

    def _cost(self, path: str) -> Seen:
        assert self._client.get(path).status_code == 200, path  # that somebody was here is written once a minute
        with self._statements() as seen:
            assert self._client.get(path).status_code == 200, path
        return seen


@pytest.fixture
def desk(world: World, client: Client, statements: Statements, genk: Organisation) -> Desk:
    return Desk(world, client, statements, genk)


@pytest.fixture
def etterbeek(world: World) -> Organisation:
    return world.organisation("Etterbeek", "brusselse_gemeente")


@pytest.fixture
def etterbeek_desk(world: World, client: Client, statements: Statements, etterbeek: Organisation) -> Desk:
    return Desk(world, client, statements, etterbeek)


@pytest.fixture
def ilse(world: World, genk: Organisation) -> Person:
    """A head local administrator of Genk."""
    return world.administrator_of(genk, "Ilse Maes", head=True)


@pytest.fixture
def lies(world: World) -> Person:
    """The officer for municipalities."""
    return world.officer_of("LB", "gemeente")


def test_the_pages_of_an_administrator(world: World, desk: Desk, genk: Organisation, ilse: Person) -> None:
    nele = world.person("Nele Vercauteren")
    grant, job = world.grant(nele, genk), world.affiliation(nele, genk)
    campaign = opened(genk)
    world.request(world.person("Tom Peeters"), genk)
    desk.costs_the_same(
        ilse,
        "/taken",
        "/taken?lijst=van-mij",
        "/taken?lijst=beslist",
        "/rechten",
        f"/rechten/{grant.id}",
        f"/rechten/{grant.id}/schorsen",
        f"/rechten/{grant.id}/overdragen",
        "/rechten/nieuw",
        f"/rechten/nieuw/{job.id}",
        "/rechten/links",
        "/mensen",
        "/mensen/nieuw",
        f"/mensen/{job.id}",
        f"/mensen/{job.id}/vertrek",
        "/beheerders",
        "/beheerders/nieuw",
        "/lijsten",
        "/lijsten/bestand",
        "/nazicht",
        f"/nazicht/{campaign.id}",
        "/mijn-aanvragen",
        "/mijn-profiel",
    )


def waiting(world: World, etterbeek: Organisation, claimer: Person) -> tuple[Task, ...]:
    """Three tasks of requests for a right that a label must come for, two of them of a typed name, each taken on by a colleague:
    of somebody who signed in, of a number that we know, and of one that a link brought and a digital key vouched for."""
    world.label(etterbeek, approved=False)
    number = world.number()
    world.person("Hanne Smet", number=number)
    known = world.task(world.request(world.person("Tom Peeters"), etterbeek))
    typed = world.task(world.typed_request(etterbeek, number=number))
    later = world.typed_request(etterbeek, name="Eva Claes", with_number=False)
    vouched_for(world, later, world.person("Eva Claes"), claimer)
    tasks = (known, typed, world.task(later))
    for task in tasks:
        perform(claim_task, world.installation, claimer.id, task.id)
    return tasks


def vouched_for(world: World, request: AccessRequest, person: Person, asker: Person) -> None:
    """The number of `request` came by a link, which `person` answered with a digital key."""
    mandate = living_mandates(db.session(), person_id=asker.id)[0].mandate_id
    db.session.rollback()
    now = clock.now()
    world._keep(
        AskedFacts(
            request_id=request.id,
            organisation_id=request.organisation_id,
            asked_by=asker.id,
            mandate_id=mandate,
            reasons={NUMBER: "Om u te kennen."},
            asked_at=now,
            expires_at=now,
            answered_at=now,
            answer_source=VERIFIED,
            answered_by=person.id,
            closed_at=now,
            close_reason=USED,
        )
    )
    with changing_session() as session, session.begin():
        asked = session.get_one(AccessRequest, request.id)
        asked.number_hash, asked.number_hash_version = person.number_hash, person.number_hash_version
    db.session.rollback()


def test_the_task_of_a_request(world: World, etterbeek_desk: Desk, etterbeek: Organisation) -> None:
    jan = world.administrator_of(etterbeek, "Jan Peeters")
    tasks = waiting(world, etterbeek, world.administrator_of(etterbeek, "Karim Benali"))
    paths = [f"/taken/{task.id}" for task in tasks]
    etterbeek_desk.costs_the_same(jan, "/taken", *paths, f"{paths[1]}/vraag-gegevens")


def test_the_same_task_for_a_deputy(world: World, desk: Desk, genk: Organisation, ilse: Person) -> None:
    eva = world.deputy_of(ilse, genk)
    task = world.task(world.request(world.person("Tom Peeters"), genk))
    desk.costs_the_same(eva, "/taken", f"/taken/{task.id}")


def test_the_same_task_for_an_officer_in_place_of_administrators(
    world: World, etterbeek_desk: Desk, etterbeek: Organisation
) -> None:
    lies, colleague = (world.officer_of("EA", "brusselse_gemeente", name) for name in ("Lies De Wolf", "Jan Claes"))
    tasks = waiting(world, etterbeek, colleague)
    etterbeek_desk.costs_the_same(lies, "/taken", *(f"/taken/{task.id}" for task in tasks), reachable=False)


def test_the_task_of_a_label(world: World, client: Client, etterbeek_desk: Desk, etterbeek: Organisation) -> None:
    jan = world.administrator_of(etterbeek, "Jan Peeters")
    world.sign_in(client, jan)
    for number in range(3):
        task = world.task(world.request(world.person(f"Amina Ouali{number}"), etterbeek))
        client.submit(client.get(f"/taken/{task.id}"), {"beslissing": "goedkeuren"}, form=f"/taken/{task.id}/beslis")
    lies = world.officer_of("EA", "brusselse_gemeente")
    etterbeek_desk.costs_the_same(lies, "/taken", f"/taken/{world.task(kind=FOR_LABEL).id}")


def test_the_task_of_a_reported_right(
    world: World, desk: Desk, client: Client, genk: Organisation, ilse: Person
) -> None:
    reported(world, client, world.grant(world.person("Nele Smet"), genk), world.grant(world.person("Tom Smet"), genk))
    desk.costs_the_same(ilse, f"/taken/{world.task(kind=FOR_REPORT).id}")


def test_the_task_of_somebody_in_doubt(world: World, desk: Desk, genk: Organisation, ilse: Person) -> None:
    doubted = world.person("Hane Smit", state="doubted", email=None)
    world.grant(doubted, genk, "raadpleger")
    perform(open_doubts, world.installation, doubted.id)
    desk.costs_the_same(ilse, f"/taken/{world.task(doubted_person_id=doubted.id).id}")


def test_the_pages_of_an_officer(world: World, desk: Desk, genk: Organisation, lies: Person) -> None:
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    perform(end_affiliation, world.installation, world.affiliation(karim, genk).id, ended_by=None, reason="left")
    tell_of_vacancies()
    proposal = ProposedOrganisation(world.kbo(), "Gemeente Nieuw", "Plein 1, 3600 Nieuw", "An Claes")
    world.request(world.person("Tom Peeters"), entitlement=world.entitlement_for(genk), proposal=proposal)
    desk.costs_the_same(
        lies,
        "/taken",
        f"/taken/{world.task(kind=FOR_VACANCY).id}",
        f"/taken/{world.task(kind=FOR_ADMISSION).id}",
        "/verantwoordelijke",
        "/verantwoordelijke/aanstellingen",
        "/verantwoordelijke/labels",
        "/verantwoordelijke/zonder-beheerder",
        f"/verantwoordelijke/organisaties/{genk.code}/beheerder",
        "/verantwoordelijke/fusie",
        "/nazicht",
        "/nazicht/voortgang",
        "/nazicht/wederzijds",
    )


def test_the_pages_of_an_owner_and_of_the_helpdesk(world: World, desk: Desk, genk: Organisation) -> None:
    owner = owner_of(world)
    world._keep(Mandate(person_id=owner.id, kind=HELPDESK, scope_key=HELPDESK_SCOPE, valid_from=clock.now()))
    desk.costs_the_same(
        owner,
        "/toepassingsbeheer/cultuurmonitor",
        "/toepassingsbeheer/cultuurmonitor/mededeling",
        "/nazicht/voortgang",
        "/opzoeken",
    )


def test_the_page_before_several_decisions_costs_the_same_for_two_and_for_twenty(
    world: World, client: Client, statements: Statements, genk: Organisation, ilse: Person
) -> None:
    """Typed and signed in, known and unknown, mixed."""

    def cost(tasks: list[Task]) -> int:
        posted = {
            "csrf_token": client.csrf_token("/taken"),
            "doe": "goedkeuren",
            "taak": [str(each.id) for each in tasks],
        }
        with statements() as seen:
            assert client.post("/taken/beslis", data=posted).status_code == 200
        return len(seen)

    world.sign_in(client, ilse)
    number = world.number()
    world.person("Hanne Smet", number=number)
    requests = [world.typed_request(genk, number=number), world.typed_request(genk, name="Eva Claes")]
    requests += [world.request(world.person(f"Iemand {turn}"), genk) for turn in range(18)]
    tasks = [world.task(each) for each in requests]
    few = cost(tasks[:3])
    assert cost(tasks) == few <= AT_MOST
