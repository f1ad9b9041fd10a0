"""The public check for programs: the same answers, the same limit.

No token is asked for: nobody is signed in here, and nothing is changed but the count of look-ups.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from lms.accounts.access import public, without_token
from lms.certificates.numbers import CertificateNumber, normalise_number
from lms.certificates.policy.certificates import normalise_code
from lms.certificates.policy.versions import CAUSE_NAMES
from lms.certificates.queries.certificates import CertificateFacts, find_by_code, find_by_number
from lms.core.errors import N_, Invalid, Reason
from lms.core.formats import date_iso
from lms.core.speech import say
from lms.core.unit_of_work import UnitOfWork
from lms.core.web import arrived_at
from lms.plans.policy import LEVEL_NAMES
from lms.registry.lookups import file_answer, look_up, sent_file
from lms.registry.policy.files import FINDING_WORDS
from lms.registry.queries.entries import PublicView
from lms.registry.verify_workbook import STANDING_WORDS

api = Blueprint("verification_api", __name__)


@api.get("/verify/<code>.json")
@public
def verify_code(code: str) -> tuple[Response, int]:
    """Answer a verification code."""
    wanted = normalise_code(code)
    return _answer(lambda uow: find_by_code(uow, wanted) if wanted else None)


@api.post("/api/v1/verify")
@public
@without_token
def verify_question() -> tuple[Response, int]:
    """Answer {number, name}: both, and as they are printed."""
    sent = request.get_json(silent=True)
    asked = sent if isinstance(sent, dict) else {}
    number, name = (
        value.strip() if isinstance(value := asked.get(key), str) else "" for key in ("number", "name")
    )
    if CertificateNumber.parse(number) is None or not name:
        raise Invalid(
            Reason(
                "verify.question", N_("查验要给出证书编号 number 和姓名 name 两个文本"),
                N_("收到的内容缺少其中一个，或编号不是 15 位（旧证 14 位）数字"), N_("请按证书上的字填写"),
                "F2", {}, "name" if CertificateNumber.parse(number) else "number",
            )
        )  # fmt: skip
    return _answer(lambda uow: find_by_number(uow, normalise_number(number), name))


@api.post("/api/v1/verify/file")
@public
@without_token
def verify_file() -> Response:
    """Answer a certificate's file, sent as the part `file` of a form."""
    answer = file_answer(sent_file())
    return jsonify(
        {
            "verdict": answer.verdict,
            "findings": [{"code": one, "words": say(FINDING_WORDS[one])} for one in answer.findings],
            **_described(answer.view),
        }
    )


def _answer(find: Callable[[UnitOfWork], CertificateFacts | None]) -> tuple[Response, int]:
    view = look_up(find)
    return jsonify(_described(view)), 200 if view else 404


def _described(view: PublicView | None) -> dict[str, Any]:
    told: dict[str, Any] = {"as_of": arrived_at().isoformat(timespec="seconds"), "found": view is not None}
    if view is not None:
        told["certificate"] = {
            "standing": view.standing, "standing_words": say(STANDING_WORDS[view.standing]), "number": view.number,
            "name_masked": view.name_masked or None, "id_number_masked": view.id_number_masked or None,
            "level": view.level, "level_words": say(LEVEL_NAMES[view.level]), "occupation": say(view.occupation),
            "grades": say(view.grades), "valid_from": date_iso(view.valid_from),
            "valid_until": date_iso(view.valid_until), "issuer": view.issuer_name,
            "revoked_at": view.revoked_on.isoformat(timespec="seconds") if view.revoked_on else None,
            "revoked_because": view.revoked_because, "version": view.version, "newer_version": view.newer_version,
            "replaced_by_number": view.replaced_by_number,
            "version_cause": view.version_cause,
            "version_cause_words": say(CAUSE_NAMES[view.version_cause]) if view.version_cause else None,
            "version_words": view.version_words,
        }  # fmt: skip
    return told
