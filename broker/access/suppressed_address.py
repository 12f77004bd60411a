"""SuppressedAddress: "I did not ask for this" keeps our mail away from an address for 30 days (threats SR1). Owns the table."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, UtcDateTime

SUPPRESSED_FOR = timedelta(days=30)


class SuppressedAddress(Base):
    """The keyed hash of an address that asked to be left alone."""

    __tablename__ = "suppressed_addresses"

    address_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


def is_suppressed(session: Session, address_key: str) -> bool:
    """Whether this address asked to be left alone, and still does."""
    row = session.get(SuppressedAddress, address_key)
    return row is not None and row.until > clock.now()


def suppress(session: Session, address_key: str) -> None:
    """Leave this address alone for 30 days; those whose days are over are forgotten."""
    session.execute(delete(SuppressedAddress).where(SuppressedAddress.until <= clock.now()))
    session.merge(SuppressedAddress(address_key=address_key, until=clock.now() + SUPPRESSED_FOR))
