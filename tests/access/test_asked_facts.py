"""The secure link by which an administrator asks a number, a date of birth or a telephone number (threats NR1-NR3)."""

import re
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from broker.access.answer_facts import Answers, answer_facts, refuse_facts
from broker.access.ask_facts import QUESTIONS_A_DAY, Question, ask_facts
from broker.access.asked_facts import AskedFacts
from broker.access.close_asked_facts import close_run_out
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.grant import Grant
from broker.access.read_answer import erase_answer, read_answer
from broker.access.withdraw_request import withdraw_request
from broker.audit import AuditEvent
from broker.database import changing_session, db, perform
from broker.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from broker.people.find_person import find_person_by_number
from broker.people.mandate import Mandate
from broker.people.one_time_link import ASK_NUMBER
from broker.people.person import Person
from broker.tables import metadata

WHY = {"number": "Om het recht te koppelen"}


@pytest.fixture
def genk(world):
    return world.organisation("Genk")


@pytest.fixture
def ilse(world, genk):
    return world.administrator_of(genk, "Ilse Maes")


@pytest.fixture
def hanne(world, genk, ilse):
    """A request of somebody who typed their name, and no number."""
    return world.typed_request(genk, name="Hanne Smet", email="hanne@voorbeeld.test", with_number=False)


def _ask(world, actor, request=None, reasons=WHY, affiliation=None):
    question = Question(reasons, world.task(request).id if request else None, affiliation.id if affiliation else None)
    return perform(ask_facts, world.installation, actor.id, question)


def _answer(world, asked_id, **answers):
    token = world.link_token(asked_id, ASK_NUMBER)
    perform(answer_facts, world.installation, token, Answers(**answers))
    return token


def _read(world, actor, asked_id):
    return perform(read_answer, world.installation, actor.id, asked_id)


def _decide(world, actor, request, *, approve=True):
    decision = Decision(task_id=world.task(request).id, approve=approve, reason="" if approve else "Onbekend.")
    return perform(decide_request, world.installation, actor.id, decision)


# Asking


def test_a_request_without_a_number_cannot_be_approved_and_says_what_to_do(world, hanne, ilse):
    """SR5: a right that is tied to nobody could never start, and never be asked of anybody."""
    with pytest.raises(ConflictError) as refused:
        _decide(world, ilse, hanne)
    assert refused.value.code == "identity_checked"
    assert "beveiligde link" in refused.value.text.nl


def test_whoever_is_no_administrator_there_asks_nothing(world, hanne):
    """NR1 and ID2: the same answer as for what does not exist."""
    stranger = world.administrator_of(world.organisation("Hasselt"))
    with pytest.raises(NotFoundError):
        _ask(world, stranger, hanne)


def test_about_a_job_a_deputy_asks_nothing_and_neither_does_a_foreign_administrator(world, genk, ilse):
    """AP1 and NR1: only about people of the own organisation."""
    person = world.person("Jo Peeters", state="unlinked", number_hash=None, number_hash_version=None)
    job = world.affiliation(person, genk)
    for other in (world.deputy_of(ilse, genk), world.administrator_of(world.organisation("Hasselt"))):
        with pytest.raises(NotFoundError):
            _ask(world, other, affiliation=job)
    assert _ask(world, ilse, affiliation=job)


def test_nobody_asks_anything_of_himself(world, genk, ilse):
    own = world.affiliation(ilse, genk)
    with pytest.raises(ForbiddenError):
        _ask(world, ilse, reasons={"work_phone": "Zomaar"}, affiliation=own)


@pytest.mark.parametrize("reasons", [{}, {"number": " "}, {"shoe_size": "Zomaar"}, {"number": "x" * 201}])
def test_each_fact_is_asked_with_its_reason_and_no_other_can_be(world, hanne, ilse, reasons):
    """W9: number, date of birth and work telephone, each with its reason."""
    with pytest.raises(InvalidError):
        _ask(world, ilse, hanne, reasons)


def test_a_number_that_came_with_the_request_is_not_asked_again(world, genk, ilse):
    for request in (world.request(organisation=genk), world.typed_request(genk)):
        with pytest.raises(InvalidError):
            _ask(world, ilse, request)
        assert _ask(world, ilse, request, {"work_phone": "Om u te bellen"})


def test_ten_questions_a_day_and_no_more(world, genk, ilse, clock):
    """NR1."""
    for _ in range(QUESTIONS_A_DAY):
        _ask(world, ilse, world.typed_request(genk, with_number=False))
    late = world.typed_request(genk, with_number=False)
    with pytest.raises(TooManyError):
        _ask(world, ilse, late)
    clock.shift(timedelta(days=1, minutes=1))
    assert _ask(world, ilse, late)


def test_one_question_at_a_time_and_a_colleague_does_not_take_it_over(world, genk, hanne, ilse, session):
    """NR1 and NR3: asking again replaces one's own, and its link; while a colleague's waits there is no second."""
    first = _ask(world, ilse, hanne)
    old = world.link_token(first, ASK_NUMBER)
    with pytest.raises(ConflictError):
        _ask(world, world.administrator_of(genk, "An Peeters"), hanne)
    second = _ask(world, ilse, hanne)
    with pytest.raises(NotFoundError):
        perform(answer_facts, world.installation, old, Answers(number=world.number()))
    assert session.get(AskedFacts, first).close_reason == "replaced"
    _answer(world, second, number=world.number())


def test_nothing_is_asked_about_a_request_that_is_over(world, hanne, ilse):
    task = world.task(hanne)
    _decide(world, ilse, hanne, approve=False)
    with pytest.raises(ConflictError):
        perform(ask_facts, world.installation, ilse.id, Question(WHY, task.id))


def test_the_mail_holds_a_link_and_neither_what_is_asked_nor_why(world, hanne, ilse, inbox):
    _ask(world, ilse, hanne, {"number": "Om het recht te koppelen", "birth_date": "Er is een naamgenoot"})
    (mail,) = [each for each in inbox.mails_to("hanne@voorbeeld.test") if "gegevens" in each.subject]
    assert "/link/" in mail.path
    for word in ("naamgenoot", "koppelen te", "Geboortedatum", "Ilse"):
        assert word not in mail.text + mail.subject
    assert "enkel met uw lokale beheerder en via een veilig kanaal" in mail.text


def _at_once(app, *acts):
    """Run every act in a thread of its own, from one instant; what each gave or raised."""
    barrier, outcomes = Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        with app.app_context():
            barrier.wait()
            try:
                outcomes[place] = act()
            except DomainError as error:
                outcomes[place] = error.code
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=each) for each in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return outcomes


def test_of_two_administrators_who_ask_at_once_one_does(app, world, genk, hanne, ilse, session):
    """NR1: one open question, whoever is first."""
    an = world.administrator_of(genk, "An Peeters")
    task = world.task(hanne).id
    outcomes = _at_once(
        app,
        *(lambda who=who: perform(ask_facts, world.installation, who.id, Question(WHY, task)) for who in (ilse, an)),
    )
    assert outcomes.count("asked_already") == 1
    assert len(session.scalars(select(AskedFacts).where(AskedFacts.closed_at.is_(None))).all()) == 1


def test_of_two_answers_at_once_one_counts(app, world, hanne, ilse, session):
    """NR2: the link works once."""
    asked = _ask(world, ilse, hanne)
    token, numbers = world.link_token(asked, ASK_NUMBER), (world.number(), world.number())
    outcomes = _at_once(
        app,
        *(
            lambda number=number: perform(answer_facts, world.installation, token, Answers(number=number))
            for number in numbers
        ),
    )
    assert outcomes.count(None) == 1
    assert _read(world, ilse, asked)["number"] == numbers[outcomes.index(None)]


# Answering


def test_the_link_works_once_and_for_72_hours(world, genk, ilse, hanne, clock):
    asked = _ask(world, ilse, hanne)
    token = _answer(world, asked, number=world.number())
    with pytest.raises(NotFoundError):
        perform(answer_facts, world.installation, token, Answers(number=world.number()))
    other = world.typed_request(genk, with_number=False)
    token = world.link_token(_ask(world, ilse, other), ASK_NUMBER)
    clock.shift(timedelta(hours=72, minutes=1))
    with pytest.raises(NotFoundError):
        perform(answer_facts, world.installation, token, Answers(number=world.number()))


def test_everything_that_was_asked_is_answered_or_nothing(world, hanne, ilse, session):
    asked = _ask(world, ilse, hanne, WHY | {"work_phone": "Om u te bellen"})
    with pytest.raises(InvalidError):
        _answer(world, asked, number=world.number())
    assert session.get(AskedFacts, asked).answered_at is None


def test_a_digital_key_of_somebody_else_does_not_answer(world, hanne, ilse):
    """NR2: it must be the person of the link."""
    asked = _ask(world, ilse, hanne)
    other = world.person("Jan Janssens")
    with pytest.raises(ForbiddenError):
        _answer(world, asked, number=world.number(), person_id=other.id, full_name="Jan Janssens")


def test_a_typed_answer_is_typed_and_the_right_waits_for_the_first_sign_in(world, hanne, ilse, session):
    """NR2 and SR5."""
    number = world.number()
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=number)
    row = session.get(AskedFacts, asked)
    assert (row.answer_source, row.answered_by) == ("typed", None)
    assert _decide(world, ilse, hanne).outcome == "waiting_for_identity"
    person = session.get_one(Person, session.scalars(select(Grant)).one().person_id)
    assert (person.state, person.number_hash) == ("unlinked", world.installation.keys.lookup_hash(number)[1])


def test_an_answer_with_the_own_digital_key_is_verified_and_the_right_starts_at_once(world, hanne, ilse, session):
    """NR2: both ways."""
    number = world.number()
    person = world.person("Hanne Smet", number=number)
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=number, person_id=person.id, full_name="Hanne Smet")
    row = session.get(AskedFacts, asked)
    assert (row.answer_source, row.answered_by) == ("verified", person.id)
    assert _decide(world, ilse, hanne).outcome == "given"
    assert session.scalars(select(Grant)).one().person_id == person.id


def test_an_answer_that_turns_out_to_be_the_administrator_is_not_approved_by_the_same(world, genk, ilse, hanne):
    """ID1 and rule 6: the number of the answer counts in not_for_yourself."""
    number = world.number()
    an = world.administrator_of(genk, person=world.person("An Peeters", number=number))
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=number)
    with pytest.raises(ForbiddenError):
        _decide(world, an, hanne)


def test_a_number_asked_of_somebody_who_works_here_ties_the_right_to_them(world, genk, ilse, session):
    """W9: that is why it is asked; before, the answer was shown and lost."""
    jo = world.person("Jo Peeters", state="unlinked", number_hash=None, number_hash_version=None)
    number = world.number()
    asked_id = _ask(world, ilse, affiliation=world.affiliation(jo, genk))
    _answer(world, asked_id, number=number)
    known = world.fresh(Person, jo.id)
    assert find_person_by_number(session, world.installation.keys, number).id == jo.id
    assert world.installation.keys.unseal(known.number_sealed, f"persons.number_sealed:{jo.id}") == number
    assert _read(world, ilse, asked_id)["number"] == number


def test_a_number_of_somebody_known_elsewhere_ties_nothing_and_tells_nobody(world, genk, ilse, session):
    """DG2: whoever types it learns nothing, and neither does the administrator."""
    number = world.number()
    known = world.person("Xaveria Geheim", number=number)
    jo = world.person("Jo Peeters", state="unlinked", number_hash=None, number_hash_version=None)
    asked_id = _ask(world, ilse, affiliation=world.affiliation(jo, genk))
    _answer(world, asked_id, number=number)
    assert world.fresh(Person, jo.id).number_hash is None
    assert find_person_by_number(session, world.installation.keys, number).id == known.id
    assert _read(world, ilse, asked_id)["number"] == number


def test_saying_no_ends_the_question_and_whoever_asked_is_told(world, hanne, ilse, session, inbox):
    """NR1: it may be refused."""
    asked = _ask(world, ilse, hanne)
    perform(refuse_facts, world.installation, world.link_token(asked, ASK_NUMBER))
    assert session.get(AskedFacts, asked).close_reason == "refused"
    assert any("wil ze niet geven" in mail.text for mail in inbox.mails_to(ilse.email))
    assert _ask(world, ilse, hanne)


# Reading


def test_only_whoever_asked_reads_the_answer_and_each_time_is_in_the_audit(world, genk, hanne, ilse, session):
    """NR3."""
    number = world.number()
    asked = _ask(world, ilse, hanne, WHY | {"birth_date": "Er is een naamgenoot"})
    _answer(world, asked, number=number, birth_date=date(1990, 5, 17))
    for other in (world.administrator_of(genk, "An Peeters"), world.administrator_of(genk, "Jo Wit", head=True)):
        with pytest.raises(NotFoundError):
            _read(world, other, asked)
    assert _read(world, ilse, asked) == {"number": number, "birth_date": "1990-05-17"}
    shown = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:facts:show")).all()
    assert [event.subject_id for event in shown] == [asked]


def test_a_dismissed_administrator_reads_nothing_and_the_answer_goes(world, hanne, ilse, session):
    """NR3: while that mandate lives; being appointed again brings it not back."""
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=world.number())
    with changing_session() as changing, changing.begin():
        changing.execute(
            update(Mandate)
            .where(Mandate.person_id == ilse.id)
            .values(ended_at=Mandate.valid_from, end_reason="dismissed")
        )
    db.session.rollback()
    with pytest.raises(NotFoundError):
        _read(world, ilse, asked)
    perform(close_run_out)
    db.session.rollback()
    row = session.get(AskedFacts, asked)
    assert (row.answer_sealed, row.reasons, row.close_reason) == (None, {}, "mandate_ended")


def test_a_deputy_who_asked_reads_it_as_long_as_the_deputyship_lives(world, genk, hanne, ilse, clock):
    """NR3 and AP1: deciding is what a deputy may, and this serves a decision."""
    deputy = world.deputy_of(ilse, genk)
    asked = _ask(world, deputy, hanne)
    number = world.number()
    _answer(world, asked, number=number)
    assert _read(world, deputy, asked) == {"number": number}
    with pytest.raises(NotFoundError):
        _read(world, ilse, asked)


def test_the_answer_is_gone_once_the_request_is_decided(world, hanne, ilse, session):
    """NR3: erased when used."""
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=world.number())
    _decide(world, ilse, hanne)
    row = session.get(AskedFacts, asked)
    assert (row.answer_sealed, row.close_reason) == (None, "used")
    with pytest.raises(NotFoundError):
        _read(world, ilse, asked)


def test_the_answer_is_gone_after_72_hours(world, hanne, ilse, session, clock):
    """NR3: for reading at that instant, in the database within the minute of the worker."""
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=world.number())
    clock.shift(timedelta(hours=72, minutes=1))
    with pytest.raises(NotFoundError):
        _read(world, ilse, asked)
    assert perform(close_run_out) == 1
    assert perform(close_run_out) == 0
    db.session.rollback()
    assert session.get(AskedFacts, asked).answer_sealed is None


def test_whoever_asked_erases_it_sooner(world, hanne, ilse, session):
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=world.number())
    perform(erase_answer, ilse.id, asked)
    assert session.get(AskedFacts, asked).answer_sealed is None


def test_what_was_asked_about_a_request_that_is_withdrawn_goes_with_it(world, hanne, ilse, session):
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=world.number())
    perform(withdraw_request, world.installation, hanne.id)
    perform(close_run_out)
    db.session.rollback()
    assert session.get(AskedFacts, asked).answer_sealed is None


def test_the_number_stands_nowhere_in_the_database_and_in_no_mail(world, hanne, ilse, session, inbox):
    """NR3: a dump shows nothing; neither does the audit nor the outbox."""
    number = world.number()
    asked = _ask(world, ilse, hanne)
    _answer(world, asked, number=number)
    _read(world, ilse, asked)
    written = number[:6], f"{number[:2]}.{number[2:4]}.{number[4:6]}"
    for table in metadata.sorted_tables:
        for row in session.execute(select(table)):
            assert not any(number in str(value) for value in row), table.name
    assert not any(re.search(re.escape(each), mail.text + mail.html) for mail in inbox.mails for each in written)
