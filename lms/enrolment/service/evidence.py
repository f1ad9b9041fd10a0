"""Evidence: uploaded proofs, decoded and encoded again before they are kept (A9, faults E1 and E2)."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import update

from lms.audit import service as audit
from lms.core.actors import Actor
from lms.core.errors import N_, NN_, Conflict, Invalid, NotFound, Reason
from lms.core.identifiers import new_id
from lms.core.storage import Storage
from lms.core.unit_of_work import UnitOfWork
from lms.enrolment import queries
from lms.enrolment.models import Application, EvidenceFile
from lms.enrolment.policy import (
    EVIDENCE_MAX_BYTES,
    EVIDENCE_MAX_FILES,
    EVIDENCE_MAX_PIXELS,
    EVIDENCE_PICTURE,
    EvidenceKind,
)
from lms.enrolment.service.applications import own_editable

_HARD_MAX_PIXELS = 60_000_000
_JPEG_QUALITY = 85
_IMAGE_MAGIC = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
_PDF_MAGIC = b"%PDF-"
_PDF_TAIL_BYTES = 2048


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A proof that was checked and is in the store."""

    file_key: str
    media_type: str
    size_bytes: int


def clean_evidence(storage: Storage, data: bytes) -> CleanFile:
    """Check an upload and put it into the store; call it before a transaction is opened.

    Images come out as fresh JPEGs without metadata. A PDF is kept as it is and only ever handed out as
    a download. What the file is called does not matter. Raises Invalid.
    """
    if len(data) > EVIDENCE_MAX_BYTES:
        raise _refuse("evidence.too_large", N_("您选择的文件有 %(size)s MB"), size=f"{len(data) / 2**20:.1f}")
    if data.startswith(_PDF_MAGIC):
        if b"%%EOF" not in data[-_PDF_TAIL_BYTES:]:
            raise _refuse("evidence.broken", N_("PDF 文件不完整"))
        return CleanFile(storage.put(data), "application/pdf", len(data))
    kind = next((kind for magic, kind in _IMAGE_MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise _refuse("evidence.format", N_("您选择的文件不是这几种格式"))
    fresh = _fresh_jpeg(data, kind)
    return CleanFile(storage.put(fresh), EVIDENCE_PICTURE, len(fresh))


def attach_evidence(
    uow: UnitOfWork, actor: Actor, application_id: str, kind: EvidenceKind, clean: CleanFile
) -> None:
    """Add a proof to a draft or returned application. The same file twice is kept once.

    Raises WrongState when the application is not editable, Conflict above EVIDENCE_MAX_FILES.
    """
    own_editable(uow, actor, application_id)
    kept = queries.evidence(uow, application_id)
    if any(line.file_key == clean.file_key and line.kind is kind for line in kept):
        return
    if len(kept) >= EVIDENCE_MAX_FILES:
        raise Conflict(
            Reason(
                "evidence.too_many", N_("佐证材料最多 %(limit)s 件"), NN_("已经有 %(count)s 件"),
                N_("请先移除不需要的"), source="A9", params={"limit": EVIDENCE_MAX_FILES, "count": len(kept)},
            )
        )  # fmt: skip
    row = EvidenceFile(
        id=new_id(), application_id=application_id, kind=kind, media_type=clean.media_type,
        file_key=clean.file_key, size_bytes=clean.size_bytes, uploaded_at=uow.now,
    )  # fmt: skip
    uow.session.add(row)
    _grow(uow, application_id)
    audit.record(uow, actor, "application:attach_evidence", application_id, evidence_id=row.id, kind=kind)


def put_evidence_aside(uow: UnitOfWork, actor: Actor, application_id: str, evidence_id: str) -> None:
    """Take a proof out of a draft or returned application; the row and the file stay. Twice is fine."""
    own_editable(uow, actor, application_id)
    row = uow.session.get(EvidenceFile, evidence_id)
    if row is None or row.application_id != application_id:
        raise NotFound
    if row.removed_at is not None:
        return
    row.removed_at = uow.now
    _grow(uow, application_id)
    audit.record(uow, actor, "application:put_evidence_aside", application_id, evidence_id=evidence_id)


def _grow(uow: UnitOfWork, application_id: str) -> None:
    uow.session.flush()
    uow.session.execute(
        update(Application).where(Application.id == application_id).values(version=Application.version + 1)
    )
    uow.session.expire_all()


def _fresh_jpeg(data: bytes, kind: str) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind]) as opened:
                if opened.width * opened.height > _HARD_MAX_PIXELS:
                    raise _refuse(
                        "evidence.too_many_pixels", N_("图片有 %(width)s × %(height)s 像素"),
                        width=opened.width, height=opened.height,
                    )  # fmt: skip
                opened.load()
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Warning,
        Image.DecompressionBombError,
    ) as error:
        raise _refuse("evidence.broken", N_("图片不完整或已损坏，无法读取")) from error
    pixels = picture.width * picture.height
    if pixels > EVIDENCE_MAX_PIXELS:
        scale = (EVIDENCE_MAX_PIXELS / pixels) ** 0.5
        size = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    fresh = Image.new("RGB", picture.size)
    fresh.paste(picture)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return out.getvalue()


def _refuse(code: str, now: str, **params: str | int) -> Invalid:
    return Invalid(
        Reason(
            code, N_("佐证材料为清晰的 JPG、PNG 或 PDF 文件，每件不超过 10 MB"), now, N_("请换一个文件重新上传"),
            source="A9", params=params, field_name="evidence",
        )
    )  # fmt: skip
