"""The tables of registers that are taken over: the files, and what is known of holders who never signed in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Base
from lms.core.identifiers import new_id
from lms.registry.policy.imports import RegistryImportState


class RegistryImport(Base):
    """One uploaded register, checked without writing, then entered whole or put aside."""

    __tablename__ = "registry_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'checked', 'entering', 'entered', 'discarded', 'failed')", name="state"
        ),
        Index("ix_registry_import_own", "asked_by", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    state: Mapped[RegistryImportState] = mapped_column(String(10), default=RegistryImportState.WAITING)
    turn: Mapped[int] = mapped_column(default=1)
    """How often work on the file was asked for; each turn has its own job."""
    filename: Mapped[str] = mapped_column(String(120))
    file_key: Mapped[str | None] = mapped_column(String(64))
    """Key of the sealed file in the store; nothing once the file is decided and gone."""
    new_count: Mapped[int] = mapped_column(default=0)
    known_count: Mapped[int] = mapped_column(default=0)
    conflict_count: Mapped[int] = mapped_column(default=0)
    fault_count: Mapped[int] = mapped_column(default=0)
    entered_count: Mapped[int | None]
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The rows that need a look, and the first that would be entered; ID numbers are never in it."""
    trouble: Mapped[str] = mapped_column(String(20), default="")
    """Code of why the last work on the file ended without what was asked for."""
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class RegistryHolder(Base):
    """What a taken-over register says of somebody who has no profile here."""

    __tablename__ = "registry_holder"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    id_number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    workplace: Mapped[str] = mapped_column(String(80), default="")
    entered_at: Mapped[datetime]
