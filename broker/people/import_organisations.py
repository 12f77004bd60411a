"""import_organisations: bring the organisations of a file into the broker.

Owns: finding back what is already known (KBO, then OVO, then type and NIS; decisions 16), what a line may change, and
the counts. Does not own how a file is read (`organisation_file`), nor the rights of an organisation that ends: those
stop counting by derivation, as its affiliations and mandates end here in writing (lifecycles §6).
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.audit.record import Detail
from broker.database import to_change, violated_constraint
from broker.errors import ConflictError
from broker.installation import Installation
from broker.notifications.put_change import put_change
from broker.people.end_organisations import INACTIVE, end_organisations
from broker.people.find_organisations import search_text
from broker.people.organisation import Organisation
from broker.people.organisation_file import LineError, OrganisationFile, OrganisationRow
from broker.text import Text

_UNIQUE_CODE: dict[str, tuple[str, ...]] = {"uq_organisations_code": ("organisations.code",)}


@dataclass(slots=True)
class ImportResult:
    """What an import did, or would do when `dry_run`. Each good line is counted once, in one of the first five."""

    dry_run: bool
    new: int = 0
    changed: int = 0
    retyped: int = 0
    ended: int = 0
    same: int = 0
    errors: list[LineError] = field(default_factory=list)
    ended_ids: list[uuid.UUID] = field(default_factory=list)


def import_organisations(
    session: Session,
    installation: Installation,
    actor: uuid.UUID | None,
    file: OrganisationFile,
    *,
    dry_run: bool = False,
) -> ImportResult:
    """Bring the good rows of `file` in, in one transaction; the same file again changes nothing.

    A new row gets its code for ever: KBO, else OVO, else NIS. A number that comes later fills its own column; none is
    emptied here, and a known KBO number never changes. A row no longer active goes in as ended, or ends what lives.
    Another type or target group is a retype: labels stop counting by derivation.

    Raises:
        ConflictError: another import brought the same organisation in at the same moment; nothing was changed.
    """
    result = ImportResult(dry_run=dry_run, errors=list(file.errors))
    known = _Known(session.scalars(select(Organisation)))
    municipalities = _municipalities(known.all, file.rows)
    planned: list[tuple[OrganisationRow, Organisation | None]] = []
    for row in file.rows:
        try:
            planned.append((row, known.match(row)))
        except _UnusableRowError as refusal:
            result.errors.append(refusal.error)
    result.errors.sort(key=lambda error: error.line)
    if not dry_run:
        _lock(session, [each.id for row, each in planned if each is not None and _differs(row, each)])
    ending: list[Organisation] = []
    for row, organisation in planned:
        _count(result, row, organisation)
        if dry_run:
            continue
        municipality = municipalities.get(row.parent_nis or "", "")
        if organisation is None:
            _add(session, row, municipality)
        elif organisation.living:
            _bring_up_to_date(session, row, organisation, municipality)
            if not row.active:
                ending.append(organisation)
    end_organisations(session, ending, INACTIVE)
    result.ended_ids.extend(each.id for each in ending)
    try:
        session.flush()
    except IntegrityError as error:
        if violated_constraint(error, _UNIQUE_CODE) is None:
            raise
        raise ConflictError(
            "imported_at_once",
            Text(
                "Iemand anders voegde net dezelfde organisatie toe. Er is niets veranderd. Probeer opnieuw.",
                "Somebody else just added the same organisation. Nothing was changed. Please try again.",
            ),
        ) from error
    return result


class _UnusableRowError(Exception):
    def __init__(self, row: OrganisationRow, column: str, text: Text) -> None:
        super().__init__(text.en)
        self.error = LineError(row.line, column, text)


class _Known:
    """Every organisation known before, by each of its numbers; a living one before an ended one."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self.all = sorted(organisations, key=lambda each: (each.living, each.created_at, each.id))
        self._by: dict[tuple[str, str], Organisation] = {}
        self._matched: dict[uuid.UUID, int] = {}
        for each in self.all:
            for key in _keys(each.kbo, each.ovo, each.organisation_type, each.nis):
                self._by[key] = each
            if each.living:
                self._by["code", each.code] = each

    def match(self, row: OrganisationRow) -> Organisation | None:
        """The organisation that `row` is about, None when it is new.

        Raises:
            _UnusableRowError: its numbers belong to several organisations, contradict what is known, or are those of an
                organisation that an earlier line was about.
        """
        match = self._find(row)
        if match is not None:
            earlier = self._matched.setdefault(match.id, row.line)
            if earlier != row.line:
                raise _UnusableRowError(
                    row,
                    "",
                    Text(
                        f"Dit is dezelfde organisatie als op regel {earlier}.",
                        f"This is the same organisation as on line {earlier}.",
                    ),
                )
        return match

    def _find(self, row: OrganisationRow) -> Organisation | None:
        keys = _keys(row.kbo, row.ovo, row.organisation_type, row.nis)
        if row.own_code:
            keys = [("code", row.own_code)]
        found = {key: self._by[key] for key in keys if key in self._by}
        living = {key: each for key, each in found.items() if each.living}
        match = next(iter((living or found).values()), None)
        for (column, number), other in living.items():
            if other is not match:
                raise _UnusableRowError(row, column, _elsewhere(number, other))
        if match is None or not match.living:
            return self._as_new_or_ended(row, match)
        if row.kbo and match.kbo and row.kbo != match.kbo:
            raise _UnusableRowError(
                row,
                "kbo",
                Text(
                    f"Deze organisatie is bekend met KBO-nummer {match.kbo}; een import wijzigt dat niet.",
                    f"This organisation is known with KBO number {match.kbo}; an import does not change that.",
                ),
            )
        return match

    def _as_new_or_ended(self, row: OrganisationRow, match: Organisation | None) -> Organisation | None:
        if match is not None and not row.active:
            return match
        if match is not None and match.successor_id is not None:
            raise _UnusableRowError(
                row,
                "active",
                Text(
                    "Deze organisatie is hier opgegaan in een andere; ze kan niet opnieuw actief worden.",
                    "This organisation was merged into another one here; it cannot become active again.",
                ),
            )
        holder = self._by.get(("code", row.code))
        if row.active and holder is not None:
            raise _UnusableRowError(
                row, "kbo" if row.kbo else "ovo" if row.ovo else "nis", _elsewhere(row.code, holder)
            )
        return None


def _keys(kbo: str | None, ovo: str | None, organisation_type: str, nis: str | None) -> list[tuple[str, str]]:
    by_number = [("kbo", kbo), ("ovo", ovo), ("nis", f"{organisation_type} {nis}" if nis else None)]
    return [(column, number) for column, number in by_number if number]


def _elsewhere(number: str, other: Organisation) -> Text:
    return Text(
        f"{number} is van een andere organisatie, met code {other.code} ({other.organisation_type}).",
        f"{number} belongs to another organisation, with code {other.code} ({other.organisation_type}).",
    )


def _municipalities(known: list[Organisation], rows: list[OrganisationRow]) -> dict[str, str]:
    """The names of municipalities by NIS code: the file's own, else those known; they make an AGB findable by its
    town."""
    names = {each.nis: f"{each.name} {each.name_fr}" for each in known if each.nis}
    names |= {row.nis: f"{row.name} {row.name_fr}" for row in rows if row.nis}
    return names


def _lock(session: Session, ids: list[uuid.UUID]) -> None:
    """Lock what will change, in the order of lifecycles §13, and read it again."""
    for start in range(0, len(ids), 500):
        session.scalars(
            to_change(
                select(Organisation)
                .where(Organisation.id.in_(sorted(ids)[start : start + 500]))
                .order_by(Organisation.id)
            )
        ).all()


def _differs(row: OrganisationRow, organisation: Organisation) -> bool:
    if not organisation.living:
        return False
    return not row.active or bool(_retype(row, organisation)) or bool(_changes(row, organisation))


def _retype(row: OrganisationRow, organisation: Organisation) -> dict[str, str]:
    fresh = {"target_group": row.target_group, "organisation_type": row.organisation_type}
    return {column: value for column, value in fresh.items() if getattr(organisation, column) != value}


def _changes(row: OrganisationRow, organisation: Organisation) -> dict[str, str | None]:
    """The columns that `row` changes. Numbers are filled, or corrected where they are not the code; never emptied."""
    fresh: dict[str, str | None] = {
        "name": row.name,
        "name_fr": row.name_fr,
        "province": row.province,
        "parent_nis": row.parent_nis,
        "kbo": row.kbo or organisation.kbo,
        "ovo": row.ovo or organisation.ovo,
        "nis": row.nis or organisation.nis,
    }
    return {column: value for column, value in fresh.items() if getattr(organisation, column) != value}


def _add(session: Session, row: OrganisationRow, municipality: str) -> None:
    now = clock.now()
    organisation = Organisation(
        id=uuid.uuid4(),
        code=row.code,
        kbo=row.kbo,
        ovo=row.ovo,
        nis=row.nis,
        target_group=row.target_group,
        organisation_type=row.organisation_type,
        name=row.name,
        name_fr=row.name_fr,
        province=row.province,
        parent_nis=row.parent_nis,
        search_text=_search_text(row, row.kbo, row.ovo, row.nis, municipality),
        created_at=now,
        ended_at=None if row.active else now,
        end_reason=None if row.active else INACTIVE,
    )
    session.add(organisation)
    details: dict[str, Detail] = {"code": row.code, "type": row.organisation_type, "active": row.active}
    _record(session, organisation, "people:organisation:add", details)


def _count(result: ImportResult, row: OrganisationRow, organisation: Organisation | None) -> None:
    """Count the line once, by the most that it does."""
    if organisation is None:
        result.new += 1
    elif not organisation.living:
        result.same += 1
    elif not row.active:
        result.ended += 1
    elif _retype(row, organisation):
        result.retyped += 1
    elif _changes(row, organisation):
        result.changed += 1
    else:
        result.same += 1


def _bring_up_to_date(session: Session, row: OrganisationRow, organisation: Organisation, municipality: str) -> None:
    """Change what differs in a locked, living organisation, each kind of change with its event."""
    retype, changes = _retype(row, organisation), _changes(row, organisation)
    if retype:
        before = f"{organisation.target_group}/{organisation.organisation_type}"
        after = f"{row.target_group}/{row.organisation_type}"
        event = _record(session, organisation, "people:organisation:retype", {"before": before, "after": after})
        # A label for the kind that it was counts no more from this moment on (threats LA1).
        put_change(session, "organisation_changed", key=str(event.id), organisation_id=organisation.id)
    if changes:
        _record(session, organisation, "people:organisation:change", {"columns": "/".join(sorted(changes))})
    for column, value in {**retype, **changes}.items():
        setattr(organisation, column, value)
    text = _search_text(row, organisation.kbo, organisation.ovo, organisation.nis, municipality)
    if organisation.search_text != text:
        organisation.search_text = text


def _record(session: Session, organisation: Organisation, name: str, details: dict[str, Detail]) -> audit.RecordedEvent:
    return audit.record(session, name, subject_id=organisation.id, organisation_id=organisation.id, details=details)


def _search_text(row: OrganisationRow, kbo: str | None, ovo: str | None, nis: str | None, municipality: str) -> str:
    return search_text(
        name=row.name,
        name_fr=row.name_fr,
        municipality=municipality,
        kbo=kbo,
        ovo=ovo,
        nis=nis,
    )
