"""No message and no list tells how the owner of a number is called, before that person agrees (threats DG2)."""
from datetime import date, timedelta
import re
from sqlalchemy import select
from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.change_contact import WorkContact, change_contact
from broker.access.change_last_day import LastDay, change_last_day
from broker.access.explain_direct import DirectGrant
from broker.access.give_right import give_right
from broker.access.end_right import end_right
from broker.access.grant import Grant
from broker import clock
from broker.people.list_administrators import *
from broker.people import list_administrators as la
from broker.people.name_deputy import NewDeputy, name_deputy
from broker.people.living_mandates import living_mandates
from broker.database import perform, db
from broker.installation import installation
from broker.notifications import OutboxMessage

def test_names(world, inbox, session):
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, number = world.administrator_of(genk), world.number()
    known = world.person("Xaveria Geheimnaam", number=number, works_for=gent, email=None)
    job = perform(add_colleague, installation(), ilse.id, genk.id, NewColleague(given_name="Nele", family_name="Vercauteren", number=number, email="nele@genk.test"))
    assert job.person_id == known.id
    perform(change_contact, installation(), ilse.id, job.id, WorkContact("nele@genk.test", "", "ilse-prive@genk.test"))
    g = perform(give_right, installation(), ilse.id, DirectGrant(genk.id, known.id, "cultuurmonitor", "invoerder", "cultuurcentra")).grant
    last = clock.last_day(g.valid_until)
    perform(change_last_day, installation(), ilse.id, g.id, LastDay(date.today()+timedelta(days=40), "korter", last))
    m = living_mandates(db.session(), person_id=ilse.id)[0].mandate_id
    db.session.rollback()
    perform(name_deputy, installation(), ilse.id, m, NewDeputy(known.id, date.today(), date.today()+timedelta(days=3)))
    perform(end_right, installation(), ilse.id, g.id, "stop")
    found = [(x.template, x.recipient) for x in session.scalars(select(OutboxMessage)) if "Geheimnaam" in str({c.key: getattr(x,c.key) for c in x.__mapper__.column_attrs}) or "Xaveria" in str({c.key: getattr(x,c.key) for c in x.__mapper__.column_attrs})]
    assert session.scalars(select(OutboxMessage)).all()
    assert found == []
