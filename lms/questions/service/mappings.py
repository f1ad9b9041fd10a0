"""Saying what the columns of a file are, and keeping that for every file with the same headings."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, Conflict, Invalid, NotFound, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork
from lms.questions import queries
from lms.questions.models import ImportBatch, ImportProfile
from lms.questions.policy import columns_reasons, mapping_reasons, profile_name_reasons, recheck_reasons
from lms.questions.service.imports import check_again
from lms.questions.service.reading import choices_of
from question_bank.importing import Profile, SheetColumns, profile_from_json


def map_columns(
    uow: UnitOfWork, actor: Actor, batch_id: str, chosen: Mapping[str, str], name: str = ""
) -> None:
    """Take the columns of a file for what its owner says, and ask for another check.

    `chosen` is by the column's letter; "" leaves a column as its heading says. With a `name` it is kept and applied
    to every file with these headings. Raises Invalid with a reason for each thing that cannot be.
    """
    batch = queries.get_batch(uow, batch_id)
    require(recheck_reasons(batch.state), Conflict)
    columns = batch.columns
    if columns is None:
        raise NotFound(columns_reasons(columns))
    name = name.strip()
    require(mapping_reasons(columns, chosen, name), Invalid)
    said = {one.heading: chosen[one.letter] for one in columns.columns if chosen.get(one.letter)}
    before = batch.profile or Profile()
    profile = replace(before, columns=profile_from_json({"columns": {**before.columns, **said}}).columns)
    if name:
        _save(uow, actor, name, columns.key, profile)
    check_again(uow, actor, batch_id, replace(choices_of(batch), profile=profile), name or None)


def use_profile(uow: UnitOfWork, actor: Actor, batch_id: str, profile_id: str) -> None:
    """Read a file by a saved profile, whatever its headings, or by none (""), and ask for another check."""
    batch = queries.get_batch(uow, batch_id)
    require(recheck_reasons(batch.state), Conflict)
    if not profile_id:
        # A profile that says nothing is one as well: the house does not look for another by the headings.
        check_again(uow, actor, batch_id, replace(choices_of(batch), profile=Profile()))
        return
    chosen = queries.get_profile(uow, profile_id)
    check_again(uow, actor, batch_id, replace(choices_of(batch), profile=chosen.profile), chosen.name)


def rename_profile(uow: UnitOfWork, actor: Actor, profile_id: str, name: str) -> None:
    """Give a saved profile another name. Raises Invalid when the name cannot be."""
    kept = queries.get_profile(uow, profile_id)
    name = name.strip()
    require(profile_name_reasons(name), Invalid)
    _require_free(uow, name, kept.headings_key)
    uow.session.execute(update(ImportProfile).where(ImportProfile.id == profile_id).values(name=name))
    audit.record(uow, actor, "import_profile:rename", profile_id)


def delete_profile(uow: UnitOfWork, actor: Actor, profile_id: str) -> None:
    """Delete a saved profile; files that were read by it stay as they are."""
    queries.get_profile(uow, profile_id)
    uow.session.execute(delete(ImportProfile).where(ImportProfile.id == profile_id))
    audit.record(uow, actor, "import_profile:delete", profile_id)


def note_columns(
    uow: UnitOfWork, batch_id: str, columns: SheetColumns | None, profile: Profile | None, name: str | None
) -> None:
    """Keep what the columns of a file were taken for, and the name of the saved profile that said so."""
    values: dict[str, Any] = {
        "columns": json.dumps(columns.to_json(), ensure_ascii=False) if columns else None,
        "profile": json.dumps(profile.to_json(), ensure_ascii=False) if profile else None,
        "profile_name": name,
    }
    uow.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(**values))


def _save(uow: UnitOfWork, actor: Actor, name: str, headings_key: str, profile: Profile) -> None:
    _require_free(uow, name, headings_key)
    values = {
        "name": name, "body": json.dumps(profile.to_json(), ensure_ascii=False), "saved_at": uow.now,
        "saved_by": actor.person_id,
    }  # fmt: skip
    profile_id = uow.session.execute(
        update(ImportProfile)
        .where(ImportProfile.headings_key == headings_key)
        .values(**values)
        .returning(ImportProfile.id)
    ).scalar()
    if profile_id is None:
        profile_id = new_id()
        uow.session.execute(insert(ImportProfile).values(id=profile_id, headings_key=headings_key, **values))
    audit.record(uow, actor, "import_profile:save", profile_id, columns=len(profile.columns))


def _require_free(uow: UnitOfWork, name: str, headings_key: str) -> None:
    held_by = queries.profile_of_name(uow, name)
    if held_by is not None and held_by != headings_key:
        raise Invalid(
            Reason(
                "mapping.name_taken", N_("一个方案名称只用于一种表头"), now=N_("这个名称已用于另一种表格"),
                way_out=N_("请换一个名称"), field_name="name",
            )
        )  # fmt: skip
