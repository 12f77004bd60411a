"""Operation: the beheerder makes a copy of all that is kept about one youngster, for a request of the data subject (AVG, art. 15).

Owns: what stands in the copy, and its two files: all that is written, and the photo. The logbook says that it was made, and by
whom.
"""

import io
import json
import uuid
import zipfile
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.find_work import interventions_for, proposals_about
from modules.plusminmee.find_youngsters import lock_youngster, placements_of
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.open_youngster import fields_of
from modules.plusminmee.proposal_model import PROPOSAL_ANSWER, PROPOSAL_WHY
from modules.plusminmee.work_model import INTERVENTION_TEXT
from modules.plusminmee.write_log import write_log
from modules.plusminmee.youngster_model import PHOTO, WHY

PHOTO_FILE = "foto.jpg"


@dataclass(frozen=True)
class Copy:
    """All that is written, as plain words, days and instants; and the name of the sealed file with the photo, if any."""

    written: dict[str, Any]
    photo: str | None

    def packed(self, kept: Keeping, youngster_id: uuid.UUID) -> bytes:
        """Both as one zip file.

        Raises:
            NoFileError: the photo was taken away meanwhile.
        """
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as files:
            files.writestr("afschrift.json", json.dumps(self.written, ensure_ascii=False, indent=2, default=str))
            if self.photo is not None:
                files.writestr(PHOTO_FILE, kept.files.read(self.photo, PHOTO.of(youngster_id)))
        return into.getvalue()


def export_youngster(
    session: Session, kept: Keeping, professional_id: uuid.UUID, group_id: uuid.UUID, youngster_id: uuid.UUID
) -> Copy:
    """All of it.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them.
    """
    hold_membership(session, professional_id, group_id, as_beheerder=True)
    row, sealer = lock_youngster(session, group_id, youngster_id), kept.sealer
    write_log(session, group_id, professional_id, "youngster_exported", youngster_id=youngster_id)
    session.flush()
    written = {
        **asdict(fields_of(sealer, row)),
        "place": row.place,
        "monitor_until": row.monitor_until,
        "added_at": row.added_at,
        "photo": PHOTO_FILE if row.photo is not None else None,
        "places": [
            {
                "place": each.place,
                "at": each.at,
                "why": sealer.open_text(each.why, WHY.of(each.id)) if each.why is not None else None,
                "monitor_until": each.monitor_until,
            }
            for each in placements_of(session, youngster_id)
        ],
        "interventions": [
            {
                "sign": each.sign,
                "words": sealer.open_text(each.words, INTERVENTION_TEXT.of(each.id)),
                "street_value": each.street_value,
                "added_at": each.added_at,
                "remind_on": each.remind_on,
                "settled_on": each.settled_on,
            }
            for each in interventions_for(session, youngster_id)
        ],
        "proposals": [
            {
                "kind": each.kind,
                "place": each.place,
                "made_at": each.made_at,
                "why": sealer.open_text(each.why, PROPOSAL_WHY.of(each.id)),
                "state": each.state,
                "discussed_on": each.discussed_on,
                "answer": sealer.open_text(each.answer, PROPOSAL_ANSWER.of(each.id))
                if each.answer is not None
                else None,
            }
            for each in proposals_about(session, youngster_id)
        ],
    }
    return Copy(written, row.photo)
