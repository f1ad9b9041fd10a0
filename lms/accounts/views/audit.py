"""The record of every act, as sentences an auditor can read and pages he can open."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from flask import current_app, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.accounts import queries
from lms.accounts.access import current_actor, may_open_everywhere, roles
from lms.accounts.forms import AuditFilterForm, page_asked
from lms.accounts.names import NamesInTime, names_in_time, people_named
from lms.accounts.policy import CONSENT_NAMES, ROLE_NAMES, Role
from lms.accounts.views.blueprint import blueprint
from lms.audit.queries import LoggedAct, recent_events
from lms.audit.sentences import (
    KINDS,
    KINDS_ABOUT_PEOPLE,
    SENTENCES,
    STAGE_WORDS,
    SYSTEM_PARTS,
    kind_of,
    tags_by_kind,
)
from lms.audit.subjects import SUBJECTS, FindSubjects, Subject
from lms.core.actors import EVERYWHERE
from lms.core.catalogue import gettext as _
from lms.core.errors import NotFound
from lms.core.formats import PAGE_ZONE
from lms.core.paging import Page
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at, runtime

Reply = str | Response | tuple[str, int]
AUDIT_PAGE = 50
FIELD_WORDS: Mapping[str, Mapping[str, str]] = {
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
    "purpose": {purpose.value: name for purpose, name in CONSENT_NAMES.items()},
    "kind": STAGE_WORDS,
}
"""Fields of a record that hold a code, and the words for their codes."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names behind the ids of one page of the record."""

    people: NamesInTime
    organisations: Mapping[str, str]
    subjects: Mapping[str, Subject]


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act as the page shows it; the last three are the record as it stands, folded away."""

    at: datetime
    who: str
    who_now: str
    """What the actor is called now, if that is another name."""
    sentence: str
    reason: str
    about: str
    name: str
    name_now: str
    url: str
    tag: str
    subject_id: str
    fields: str


@blueprint.get("/desk/audit")
@roles(Role.AUDITOR)
def audit() -> Reply:
    """Everything that happened, newest first; an auditor of the province reads all of it."""
    if not current_actor().covers(EVERYWHERE, (Role.AUDITOR,)):
        raise NotFound
    number = page_asked()
    subject_id = request.args.get("subject", "")[:40]
    form = AuditFilterForm(request.args)
    form.tag.choices = _tag_choices()
    is_good = form.validate()
    with runtime().read(arrived_at()) as uow:
        who = (form.who.data or "").strip()
        rows, total = recent_events(
            uow, tag=(form.tag.data or "")[:60], subject_id=subject_id,
            people=people_named(uow, who) if who else None,
            since=_midnight(form.since.data), until=_midnight(form.until.data, days=1),
            page=number, size=AUDIT_PAGE,
        )  # fmt: skip
        told = _told(uow, rows)
    page = render_template(
        "accounts/audit.html", form=form, lines=told, page=Page(number, AUDIT_PAGE, total), subject_id=subject_id,
        is_filtered=bool(request.args),
    )  # fmt: skip
    return page, 200 if is_good else 422


def _tag_choices() -> list[SelectChoice]:
    found = [SelectChoice("", _("全部"))]
    for kind, tags in tags_by_kind().items():
        word = _(KINDS[kind].word)
        found.append(SelectChoice(f"{kind}:", _("%(kind)s：全部", kind=word), optgroup=word))
        found += [SelectChoice(tag, _plain(SENTENCES[tag]), optgroup=word) for tag in tags]
    return found


def _plain(text: str) -> str:
    """Return a sentence for a list to choose from: what stands before its places."""
    return re.sub(r"\W+\Z", "", _(text).partition("%(")[0])


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """Return the midnight on which a day of the page begins, or that of some days later."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=days), time.min, tzinfo=PAGE_ZONE)


def _told(uow: UnitOfWork, rows: Sequence[LoggedAct]) -> list[AuditLine]:
    """Put each event into words; names are looked up once for all."""
    fields = [json.loads(row.fields) for row in rows]
    asked: dict[str, set[str]] = {}
    for row in rows:
        asked.setdefault(kind_of(row.tag), set()).add(row.subject_id)
    subjects = _find_subjects()(uow, asked)
    people = {row.actor_id for row in rows if row.actor_id}
    people |= {one.person_id for one in subjects.values() if one.person_id}
    for kind in KINDS_ABOUT_PEOPLE:
        people |= asked.get(kind, set())
    organisations = {str(one["organisation_id"]) for one in fields if "organisation_id" in one}
    organisations |= asked.get("organisation", set())
    names = Names(names_in_time(uow, people), queries.organisation_names(uow, organisations), subjects)
    return [_line(row, own, names) for row, own in zip(rows, fields, strict=True)]


def _find_subjects() -> FindSubjects:
    return cast("FindSubjects", current_app.extensions[SUBJECTS])


def _line(row: LoggedAct, fields: Mapping[str, object], names: Names) -> AuditLine:
    kind = KINDS.get(kind_of(row.tag))
    actor_id, person_id = row.actor_id or "", _whose(row, names)
    who, name = names.people.at(actor_id, row.at), names.people.at(person_id, row.at)
    title = names.subjects[row.subject_id].title if row.subject_id in names.subjects else ""
    return AuditLine(
        at=row.at,
        who=who or _("系统（%(part)s）", part=_part(row.actor_label)),
        who_now=_present(names, actor_id, who),
        sentence=_sentence(row.tag, fields, names),
        reason=str(fields.get("reason") or fields.get("remark") or ""),
        about=_(kind.word) if kind else "",
        name=name or title or names.organisations.get(row.subject_id, ""),
        name_now=_present(names, person_id, name),
        url=_address(row, fields),
        tag=row.tag,
        subject_id=row.subject_id,
        fields=json.dumps(fields, ensure_ascii=False, indent=1) if fields else "",
    )


def _whose(row: LoggedAct, names: Names) -> str:
    """Return the person an act was about, or nothing."""
    if kind_of(row.tag) in KINDS_ABOUT_PEOPLE:
        return row.subject_id
    subject = names.subjects.get(row.subject_id)
    return subject.person_id if subject else ""


def _present(names: Names, person_id: str, then: str) -> str:
    now = names.people.now.get(person_id, "")
    return now if now != then else ""


def _part(label: str) -> str:
    """Return the name of the part of the house that acted; one of an older house is shown as it is."""
    return _(SYSTEM_PARTS[label]) if label in SYSTEM_PARTS else label


def _sentence(tag: str, fields: Mapping[str, object], names: Names) -> str:
    text = SENTENCES.get(tag)
    if text is None:
        return tag  # an act that this version of the house no longer knows
    if "%(" not in text:
        return _(text)
    organisation_id = str(fields.get("organisation_id", "—"))
    values = {"organisation": names.organisations.get(organisation_id, organisation_id)}
    for name, words in FIELD_WORDS.items():
        code = str(fields.get(name, "—"))
        values[name] = _(words[code]) if code in words else code
    return _(text) % values


def _address(row: LoggedAct, fields: Mapping[str, object]) -> str:
    """Return where the reader may look at what an act was about, or nothing."""
    kind = KINDS.get(kind_of(row.tag))
    if kind is None or not kind.endpoint or not may_open_everywhere(kind.endpoint):
        return ""
    target = str(fields.get(kind.field, "")) if kind.field else row.subject_id
    named: dict[str, Any] = {kind.argument: target}
    return url_for(kind.endpoint, **named) if target else ""
