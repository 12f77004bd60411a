"""Rounds of municipalities with their answers, written as they would stand after closing.

Owns: those rows. What may be said of them is for the tests.
"""

import random
import uuid
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, insert, update
from sqlalchemy.orm import Session

from modules.jeugdmonitor.bank import BANK
from modules.jeugdmonitor.model import Answer, Response, Round, RoundEvent, RoundQuestion, TextAnswer
from tests.modules.fake_broker import ORG

NOW = datetime(2026, 11, 17, 8, tzinfo=UTC)
ONE = next(code for code, question in BANK.items() if question.kind == "one" and len(question.options) == 3)


class Towns:
    """Writes rounds with their answers, as they would stand after closing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made = 0

    def round(
        self,
        chosen: dict[str, int],
        *,
        code: str = ONE,
        organisation: str = ORG,
        title: str = "Ronde",
        closed: datetime = NOW - timedelta(days=1),
        about: tuple[tuple[str | None, str | None], ...] = (("9-11", "girl"), ("9-11", "boy"), ("12-14", "girl")),
        state: str = "closed",
        own: list[list[str]] | None = None,
        words: tuple[str, ...] = (),
    ) -> uuid.UUID:
        """A round with one question, of which `chosen` says how many chose each option, spread over `about` in turn."""
        self._made += 1
        round_id, question_id, text_id = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        responses, answers = [], []
        for option, number in chosen.items():
            for turn in range(number):
                age_group, gender = about[turn % len(about)]
                response_id = uuid.uuid4()
                responses.append({"id": response_id, "round_id": round_id, "age_group": age_group, "gender": gender})
                answers.append({"response_id": response_id, "question_id": question_id, "option_code": option})
        random.Random(self._made).shuffle(answers)
        with Session(self._engine) as session, session.begin():
            session.add(
                Round(
                    id=round_id,
                    organisation_code=organisation,
                    organisation_name=f"Gemeente {organisation[-3:]}",
                    title=title,
                    lowest_age=8,
                    highest_age=14,
                    first_day=date(2026, 10, 1),
                    last_day=date(2026, 11, 1),
                    link_key=f"{self._made:010d}",
                )
            )
            session.flush()
            session.add(
                RoundQuestion(id=question_id, round_id=round_id, position=1, bank_code=code)
                if own is None
                else RoundQuestion(
                    id=question_id,
                    round_id=round_id,
                    position=1,
                    theme="living",
                    kind="one",
                    prompt="=Eigen vraag",
                    options=own,
                )
            )
            if words:
                session.add(
                    RoundQuestion(
                        id=text_id,
                        round_id=round_id,
                        position=2,
                        theme="living",
                        kind="text",
                        prompt="Wat kan beter?",
                        options=[],
                    )
                )
            session.flush()
            opened = closed - timedelta(days=30)
            steps = [("created", opened), ("opened", opened), *([("closed", closed)] if state == "closed" else [])]
            for version, (kind, at) in enumerate(steps, start=1):
                session.add(
                    RoundEvent(round_id=round_id, version=version, kind=kind, at=at, person_name="Lotte Wouters")
                )
            session.execute(update(Round).where(Round.id == round_id).values(state="open", opened_at=opened))
            if responses:
                session.execute(insert(Response), responses)
                session.execute(insert(Answer), answers)
            if words:
                session.execute(
                    insert(TextAnswer), [{"id": uuid.uuid4(), "question_id": text_id, "words": each} for each in words]
                )
            if state == "closed":
                session.execute(update(Round).where(Round.id == round_id).values(state="closed", closed_at=closed))
        return round_id
