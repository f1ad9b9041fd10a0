"""The three tiers: the province's centre, city centres and institutions (A18)."""

from sqlalchemy import insert, select

from lms.accounts import policy
from lms.accounts.models import Organisation
from lms.accounts.policy import OrganisationKind
from lms.accounts.queries import get_organisation
from lms.accounts.service.scope import require_scope
from lms.audit.service import record
from lms.core.actors import Actor
from lms.core.errors import N_, Invalid, Reason, require
from lms.core.identifiers import new_id
from lms.core.unit_of_work import UnitOfWork


def ensure_province(uow: UnitOfWork, actor: Actor, name: str) -> Organisation:
    """Return the province's centre, creating it in an empty house."""
    existing = uow.session.scalar(select(Organisation).where(Organisation.path == "/"))
    if existing is not None:
        return existing
    province = Organisation(
        id=new_id(), kind=OrganisationKind.PROVINCE, parent_id=None, path="/", name=name, code="00000000",
        is_filed=True, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(province)
    uow.session.flush()  # its id is named by rows that follow
    record(uow, actor, "organisation:create", province.id)
    return province


def create_organisation(
    uow: UnitOfWork, actor: Actor, kind: OrganisationKind, parent_id: str, name: str, code: str,
    *, is_filed: bool = True,
) -> str:  # fmt: skip
    """Create a city centre or an institution below a parent within the actor's scope; return its id."""
    parent = get_organisation(uow, parent_id)
    require_scope(actor, parent.path)
    reasons = []
    if (
        kind is OrganisationKind.PROVINCE
        or parent.kind == OrganisationKind.INSTITUTION
        or (kind is OrganisationKind.CITY and parent.kind != OrganisationKind.PROVINCE)
    ):
        reasons.append(Reason("organisation.parent", N_("市中心属于省中心，机构属于省中心或市中心"),
                              way_out=N_("请重新选择上级"), source="A18", field_name="parent_id"))  # fmt: skip
    if not policy.INSTITUTION_CODE.fullmatch(code):
        reasons.append(Reason("organisation.code", N_("机构代码为 8 位数字"), N_("您填写了“%(code)s”"),
                              N_("请按备案文件填写 8 位代码，不要自行补零"), source="C6", params={"code": code},
                              field_name="code"))  # fmt: skip
    for column, value, label in (
        (Organisation.name, name.strip(), "name"),
        (Organisation.code, code, "code"),
    ):
        if uow.session.scalar(select(Organisation.id).where(column == value)):
            reasons.append(Reason(f"organisation.{label}_taken", N_("机构的名称和代码不能重复"),
                                  N_("已有相同的登记"), N_("请核对后修改"), field_name=label))  # fmt: skip
    require(reasons, Invalid)
    organisation_id = new_id()
    path = policy.organisation_path(kind, organisation_id, parent.path)
    uow.session.execute(
        insert(Organisation).values(
            id=organisation_id, kind=kind, parent_id=parent_id, path=path, name=name.strip(), code=code,
            is_filed=is_filed, created_at=uow.now,
        )
    )  # fmt: skip
    record(uow, actor, "organisation:create", organisation_id, kind=kind, parent_id=parent_id)
    return organisation_id
