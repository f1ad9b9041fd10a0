"""Certificates are handed over together as the very files that were kept, to registrars, for a written purpose."""

import io
import zipfile
from collections.abc import Callable

import pytest

from lms.accounts.policy import Role
from lms.audit.queries import recent_events
from lms.core.errors import Refusal
from lms.core.unit_of_work import Runtime
from lms.exports.policy import PACK_MAX, ExportKind, PackFormat, standing_reasons
from lms.exports.queries import own_exports
from lms.plans.policy import PlanFacts
from lms.registry.queries.entries import entries_of
from lms.registry.queries.search import EntryFilter
from lms.registry.service import entries as service
from tests.factories.certificates import a_graduate, deliver_blank, revoke_by_two
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site

SignedIn = Callable[[KnownPerson], Browser]
PURPOSE = "颁证仪式集中打印"


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


def test_the_chosen_certificates_come_as_the_bytes_that_were_kept_and_a_revoked_one_does_not(
    runtime: Runtime, people: People, plan: PlanFacts, signed_in: SignedIn, site: Site
) -> None:
    kept = [deliver_blank(runtime, a_graduate(runtime, people, plan)) for _ in range(3)]
    foreign = deliver_blank(runtime, a_graduate(runtime, people, plan, issuer_id=people.other_institution_id))
    revoked = deliver_blank(runtime, a_graduate(runtime, people, plan))
    with runtime.read() as uow:
        entry = entries_of(uow, revoked.person_id)[0]
    revoke_by_two(runtime, people, entry.id, "两次警告，取消考评员资格")
    person = people.staff(Role.REGISTRAR, organisation_id=people.city_id)
    desk = signed_in(person)
    assert "证书 PDF 打包" in desk.get("/desk/registry/export").text
    unsaid = desk.post("/desk/registry/export", {"format": "zip", "purpose": "印"})
    assert unsaid.status_code == 422
    asked = desk.post("/desk/registry/export", {"format": "zip", "purpose": PURPOSE})
    assert asked.status_code == 303
    site.run_jobs()
    with runtime.read() as uow:
        (export,) = own_exports(uow, people.actor(person))
        events, _ = recent_events(uow, tag="export:create")
    assert (export.kind, export.total, export.written) == (ExportKind.CERTIFICATES, 4, 3)
    assert PURPOSE in str(events[0])
    page = desk.get(f"/exports/{export.id}").text
    assert "1 张还没有制成或者已经撤销" in page
    reply = desk.get(f"/exports/{export.id}/file")
    assert reply.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(reply.data)) as pack:
        packed = {name: pack.read(name) for name in pack.namelist()}
    assert packed == {f"{one.number}.pdf": runtime.storage.get(one.file_key or "") for one in kept}
    assert f"{foreign.number}.pdf" not in packed, "nothing beyond the scope"
    assert all(one.holder_name not in name for one in kept for name in packed)


def test_more_than_five_hundred_are_refused_before_anything_is_written(people: People) -> None:
    registrar = people.actor(people.staff(Role.REGISTRAR))
    wish = ExportKind.CERTIFICATES
    assert standing_reasons(wish, registrar, PACK_MAX, has_open=False) == []
    (reason,) = standing_reasons(wish, registrar, PACK_MAX + 1, has_open=False)
    assert (reason.code, reason.params["limit"]) == ("export.too_many", 500)


def test_nobody_else_may_ask_for_certificates(runtime: Runtime, people: People, plan: PlanFacts) -> None:
    deliver_blank(runtime, a_graduate(runtime, people, plan))
    auditor = people.actor(people.staff(Role.AUDITOR))
    with pytest.raises(Refusal), runtime.write() as uow:
        service.request_export(uow, auditor, EntryFilter(), PURPOSE, PackFormat.ZIP)
