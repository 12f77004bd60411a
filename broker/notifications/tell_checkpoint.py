"""tell_checkpoint: the signed head of the audit leaves this machine every hour, by log, file and mail (threats AU1).

Owns where it goes. What it says is `audit.verify`; the key is one of its own where the setting gives one, else it is derived from
the secret keys, and then whoever holds those can forge one.
"""

import structlog
from sqlalchemy.orm import Session

from broker import clock
from broker.audit.verify import make_checkpoint
from broker.database import db, perform
from broker.installation import Installation
from broker.keys.checkpoint_key import CheckpointKey
from broker.notifications.put_message import put_mail

_log = structlog.get_logger("broker.notifications")


def checkpoint_key(installation: Installation) -> CheckpointKey:
    """The key that this installation signs its checkpoints with."""
    seed = installation.settings.audit_key
    return CheckpointKey(seed or bytes.fromhex(installation.keys.private_hash("seed", "audit-checkpoint")))


def tell_checkpoint(installation: Installation) -> str:
    """Write the head of now to the log, and to the file and the address of the settings; the checkpoint."""
    checkpoint = make_checkpoint(db.session(), checkpoint_key(installation).sign)
    db.session.rollback()
    _log.info("audit_checkpoint", checkpoint=checkpoint)
    file = installation.settings.checkpoint_file
    if file is not None:
        try:
            with file.open("a", encoding="ascii") as kept:
                kept.write(f"{checkpoint}\n")
        except OSError as error:  # the log has it, and the next hour tries again
            _log.error("audit_checkpoint_not_kept", error=type(error).__name__)
    if installation.settings.checkpoint_email is not None:
        perform(_put, installation.settings.checkpoint_email, checkpoint)
    return checkpoint


def _put(session: Session, address: str, checkpoint: str) -> None:
    now = clock.now()
    put_mail(
        session,
        "audit_checkpoint",
        address,
        key=f"checkpoint:{now:%Y%m%d%H}",
        facts={"checkpoint": checkpoint, "since": now.isoformat()},
    )
