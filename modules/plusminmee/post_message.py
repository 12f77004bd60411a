"""Operation: a member posts a message to the group, with or without an attachment (W18: every member may)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from modules.plusminmee.attachments import read_attachment
from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.work_model import ATTACHMENT, ATTACHMENT_NAME, MESSAGE_TEXT, Message
from modules.plusminmee.write_log import write_log


@dataclass(frozen=True)
class KeptAttachment:
    """A file that is kept already: its name on our disk, the name it is downloaded under, and its media type."""

    file: str
    name: str
    media_type: str


def keep_attachment(kept: Keeping, message_id: uuid.UUID, name: str, raw: bytes) -> KeptAttachment:
    """Check what was sent by its content and keep it for this message.

    Raises:
        RefusedError: it is none that we take.
    """
    attachment = read_attachment(name, raw)
    file = kept.files.keep(attachment.content, ATTACHMENT.of(message_id))
    return KeptAttachment(file, attachment.name, attachment.media_type)


def post_message(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    message_id: uuid.UUID,
    words: str,
    *,
    nobody_there: bool,
    attachment: KeptAttachment | None = None,
) -> None:
    """Post it under this id.

    Raises:
        NotFoundError: no member of such a group.
    """
    hold_membership(session, professional_id, group_id)
    row = Message(
        id=message_id,
        group_id=group_id,
        words=kept.sealer.seal_text(words, MESSAGE_TEXT.of(message_id)),
        nobody_there=nobody_there,
        posted_at=datetime.now(UTC),
        posted_by=professional_id,
    )
    if attachment is not None:
        row.attachment, row.attachment_type = attachment.file, attachment.media_type
        row.attachment_name = kept.sealer.seal_text(attachment.name, ATTACHMENT_NAME.of(message_id))
    session.add(row)
    write_log(session, group_id, professional_id, "message_posted")
    session.flush()
