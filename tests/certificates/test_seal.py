"""The seal: what it says, who may sign, what it takes to go on, and that nobody but the sealing code reads the key."""

import asyncio
import io
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from lms.certificates import jobs, seal_keys
from lms.certificates.errors import Unsealable
from lms.certificates.invariants import INVARIANTS
from lms.certificates.models.seals import CertificateSeal
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.policy.seals import (
    BACKDATED,
    REASON,
    SIGNING_LIFE,
    SealFacts,
    expiry_reasons,
    sealing_moment,
)
from lms.certificates.queries.certificates import CertificateFacts, get_certificate
from lms.certificates.seal import Sealed, seal
from lms.certificates.seal_keys import NoSealKeys, SealFolder, SealKeysExist
from lms.core import outbox
from lms.core.invariants import check
from lms.core.settings import Settings, UnsafeSettings
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from tests.factories.certificates import a_graduate, issue_in_full, number
from tests.factories.plans import a_plan
from tests.support.browser import Browser
from tests.support.people import People
from tests.support.seals import MADE_AT, ORGANISATION, seal_dir
from tests.support.site import Site
from tests.support.threads import aside

NOW = datetime(2026, 11, 21, 1, 30, 15, 123000, tzinfo=UTC)
PDFSIG = shutil.which("pdfsig")
OPENSSL = shutil.which("openssl")
LEADS_TO = "https://exam.example.org/verify/abcdefghjkmnpqrs"


@pytest.fixture(scope="module")
def printed() -> bytes:
    """A small print with an identifier and metadata, as the printer makes them."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(842, 595))
    pdf.trailer["/ID"] = pikepdf.Array([pikepdf.String(b"0123456789abcdef")] * 2)
    pdf.docinfo["/Title"] = pikepdf.String("考评员证书")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Settings with keys of their own, for whoever changes them."""
    shutil.copytree(seal_dir(), tmp_path / "seal")
    return Settings(seal_dir=tmp_path / "seal")


def sealed(settings: Settings, printed: bytes, *, at: datetime = NOW, now: datetime = NOW) -> Sealed:
    return seal(settings, printed, numbered_at=at, now=now, place=ORGANISATION, leads_to=LEADS_TO)


def test_the_seal_certifies_and_permits_no_change(printed: bytes) -> None:
    done = sealed(Settings(seal_dir=seal_dir()), printed)
    (signature,) = PdfFileReader(io.BytesIO(done.data)).embedded_signatures
    (root,) = x509.load_pem_x509_certificates(SealFolder(seal_dir()).root_certificate.read_bytes())
    trust = ValidationContext(trust_roots=[as_pyhanko(root)], moment=NOW)
    status = aside(lambda: validate_pdf_signature(signature, trust))
    assert (status.bottom_line, status.docmdp_ok, status.modification_level) == (
        True,
        True,
        ModificationLevel.NONE,
    )
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    said = signature.sig_object
    assert (said["/SubFilter"], said["/Reason"], said["/Location"], said["/ContactInfo"]) == (
        "/ETSI.CAdES.detached", REASON, ORGANISATION, LEADS_TO,
    )  # fmt: skip
    assert [float(edge) for edge in signature.sig_field["/Rect"]] == [0, 0, 0, 0]
    assert signature.self_reported_timestamp == NOW.replace(microsecond=0)
    assert done.data.startswith(printed)


def as_pyhanko(certificate: x509.Certificate):  # type: ignore[no-untyped-def]
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def test_the_same_print_sealed_twice_is_the_same_file(printed: bytes) -> None:
    settings = Settings(seal_dir=seal_dir())
    assert sealed(settings, printed).data == sealed(settings, printed, now=NOW + timedelta(days=3)).data


def test_a_caller_with_a_loop_of_his_own_may_seal_too(printed: bytes) -> None:
    async def call() -> Sealed:
        return sealed(Settings(seal_dir=seal_dir()), printed)

    assert aside(lambda: asyncio.run(call())).data == sealed(Settings(seal_dir=seal_dir()), printed).data


@pytest.mark.skipif(PDFSIG is None, reason="poppler-utils is not installed; script/setup --tests brings it")
def test_a_tool_that_is_not_ours_finds_the_seal_whole_and_a_change_broken(
    printed: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "c.pdf"
    done = sealed(Settings(seal_dir=seal_dir()), printed)
    file.write_bytes(done.data)
    said = pdfsig(file)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    file.write_bytes(done.data.replace(b"842", b"841", 1))
    assert "Signature is Valid" not in pdfsig(file)
    file.write_bytes(done.data + b"\n%%EOF\n")
    assert "Not total document signed" in pdfsig(file)


def pdfsig(file: Path) -> str:
    return subprocess.run([PDFSIG or "", "-nocert", file], capture_output=True, text=True, check=False).stdout


# ---- keys -------------------------------------------------------------------------------------------


def test_keys_are_for_their_owner_alone_and_are_made_once(tmp_path: Path) -> None:
    folder = SealFolder(tmp_path / "instance" / "seal")
    settings = Settings(instance_dir=tmp_path / "instance")
    assert seal_keys.make_if_missing(settings, NOW)
    assert not seal_keys.make_if_missing(settings, NOW)
    files = [file for file in folder.root.rglob("*") if file.is_file()]
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert {oct(one.stat().st_mode & 0o777) for one in (folder.root, folder.signing.parent)} == {"0o700"}
    before = folder.signing.read_bytes()
    with pytest.raises(SealKeysExist):
        seal_keys.make(folder, "another", NOW)
    assert folder.signing.read_bytes() == before
    assert [one.name for one in folder.root.parent.iterdir()] == ["seal"], "nothing is left beside"


def test_where_somebody_else_signs_no_keys_are_made(tmp_path: Path) -> None:
    outside = Settings(instance_dir=tmp_path, seal_command="sign", seal_chain=tmp_path / "chain.pem")
    assert not seal_keys.make_if_missing(outside, NOW)
    assert not outside.effective_seal_dir.exists()


def test_a_rotation_destroys_the_old_key_and_keeps_its_certificate(own: Settings, printed: bytes) -> None:
    folder = SealFolder(own.effective_seal_dir)
    first = sealed(own, printed)
    with folder.signing.open("rb") as old:
        made = seal_keys.rotate(folder, NOW, 2048)
        assert set(old.read()) == {0}, "what the old name held is gone from the disk as well"
    second = sealed(own, printed)
    assert (second.by.id, second.by.id == first.by.id) == (made.id, False)
    assert {file.stem for file in folder.certificates()} == {first.by.id, second.by.id}
    assert validated(first, NOW)
    assert validated(second, NOW)


def validated(done: Sealed, moment: datetime) -> bool:
    (signature,) = PdfFileReader(io.BytesIO(done.data)).embedded_signatures
    *_, root = x509.load_pem_x509_certificates(done.by.chain.encode())
    trust = ValidationContext(trust_roots=[as_pyhanko(root)], moment=moment)
    return bool(aside(lambda: validate_pdf_signature(signature, trust)).bottom_line)


def test_a_rotation_without_the_root_key_changes_nothing(own: Settings) -> None:
    folder = SealFolder(own.effective_seal_dir)
    before = folder.signing.read_bytes()
    folder.root_key.unlink()
    with pytest.raises(NoSealKeys):
        seal_keys.rotate(folder, NOW)
    assert folder.signing.read_bytes() == before


def test_a_document_is_valid_as_of_its_issue_after_its_key_has_expired(own: Settings, printed: bytes) -> None:
    done = sealed(own, printed)
    late = MADE_AT + SIGNING_LIFE + timedelta(days=1)
    assert validated(done, NOW)
    with pytest.raises(Unsealable) as refused:
        sealed(own, printed, now=late)
    assert refused.value.reasons[0].code == "seal.expired"


def test_a_key_seals_within_its_time_only_and_never_before_it_began() -> None:
    facts = SealFacts("0" * 64, "", "CN=x", NOW, NOW + timedelta(days=1))
    assert expiry_reasons(facts, NOW) == []
    assert [one.code for one in expiry_reasons(facts, NOW - timedelta(seconds=1))] == ["seal.expired"]
    assert [one.code for one in expiry_reasons(facts, NOW + timedelta(days=1))] == ["seal.expired"]
    assert sealing_moment(NOW - timedelta(days=9), NOW) == NOW
    assert sealing_moment(NOW, NOW - BACKDATED) == NOW.replace(microsecond=0)


# ---- somebody else's key ----------------------------------------------------------------------------


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_program_may_sign_instead_of_a_key_on_this_machine(tmp_path: Path, printed: bytes) -> None:
    """As a hardware module would: the key is known to the program alone."""
    key, chain = tmp_path / "hsm.pem", tmp_path / "chain.pem"
    subprocess.run(
        [
            OPENSSL or "", *"req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=hsm".split(),
            "-keyout", key, "-out", chain,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    (made,) = x509.load_pem_x509_certificates(chain.read_bytes())
    now = made.not_valid_before_utc + timedelta(hours=1)
    outside = Settings(
        seal_command=f"{OPENSSL} dgst -sha256 -sign {key}", seal_chain=chain, seal_dir=tmp_path / "none"
    )
    done = sealed(outside, printed, at=now, now=now)
    assert validated(done, now)


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import sys; sys.exit(3)", "seal.signer"),
        ("print('not a signature')", "seal.signer"),
        ("pass", "seal.signer"),
        ("import sys; sys.stdout.buffer.write(b'x' * 100000)", "seal.signer"),
    ],
)
def test_a_program_that_does_not_sign_seals_nothing(
    tmp_path: Path, printed: bytes, program: str, code: str
) -> None:
    script = tmp_path / "sign.py"
    script.write_text(program)
    chain = next(iter(SealFolder(seal_dir()).certificates()))
    outside = Settings(seal_command=f"{sys.executable} -I {script}", seal_chain=chain)
    with pytest.raises(Unsealable) as refused:
        sealed(outside, printed)
    assert [one.code for one in refused.value.reasons] == [code]


def test_a_program_learns_nothing_of_the_sites_own_keys(
    tmp_path: Path, printed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_FIELD_KEY", "secret")
    told, script = tmp_path / "told", tmp_path / "sign.py"
    script.write_text(f"import os; open({str(told)!r}, 'w').write(repr(dict(os.environ)))")
    chain = next(iter(SealFolder(seal_dir()).certificates()))
    with pytest.raises(Unsealable):
        sealed(Settings(seal_command=f"{sys.executable} -I {script}", seal_chain=chain), printed)
    assert "LMS_" not in told.read_text()


def test_a_command_without_its_certificates_does_not_start(tmp_path: Path) -> None:
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    with pytest.raises(UnsafeSettings, match="LMS_SEAL_CHAIN"):
        Settings(secret_key="x" * 32, field_key=key, index_key=key, seal_command="sign").refuse_unsafe()


# ---- in the job -------------------------------------------------------------------------------------


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def certificate(runtime: Runtime, people: People, plan: PlanFacts) -> CertificateFacts:
    """A certificate that was printed and sealed by its job."""
    return issue_in_full(runtime, a_graduate(runtime, people, plan))


def test_what_is_stored_is_the_sealed_file_and_the_row_names_its_seal(
    runtime: Runtime, certificate: CertificateFacts
) -> None:
    assert certificate.file_key is not None
    data = runtime.storage.get(certificate.file_key)
    assert len(data) <= 120 * 1024
    (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    assert signature.sig_object["/ContactInfo"].endswith(certificate.verification_path)
    with runtime.read() as uow:
        known = uow.session.get(CertificateSeal, seal_of(runtime))
        assert known is not None
        assert known.first_used_at == certificate.issued_at
        assert check(uow, INVARIANTS) == {}
    with pikepdf.open(io.BytesIO(data)) as pdf:
        claimed = pdf.open_metadata()
        assert (claimed["pdfaid:part"], claimed["pdfaid:conformance"]) == ("2", "B")
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"


def seal_of(runtime: Runtime) -> str:
    return SealFolder(runtime.settings.effective_seal_dir).certificates()[0].stem


def without_keys(runtime: Runtime, tmp_path: Path) -> None:
    runtime.settings = runtime.settings.model_copy(update={"seal_dir": tmp_path / "nothing"})


def test_without_a_key_the_certificate_waits_visibly_and_is_sealed_once_there_is_one(
    site: Site, people: People, plan: PlanFacts, tmp_path: Path
) -> None:
    runtime = site.runtime
    usual = runtime.settings
    without_keys(runtime, tmp_path)
    waiting = number(runtime, a_graduate(runtime, people, plan))
    kept = set(runtime.storage.keys())
    with pytest.raises(Unsealable) as refused:
        jobs.render(runtime, certificate_id=waiting.id)
    (reason,) = refused.value.reasons
    assert (reason.code, "lms seal init" in reason.way_out) == ("seal.key", True)
    with runtime.read() as uow:
        assert get_certificate(uow, waiting.id).state is CertificateState.PENDING
        assert set(runtime.storage.keys()) == kept, "no unsealed print is kept"
    site.run_jobs()
    with runtime.read() as uow:
        assert [row.last_error for row in outbox_rows(uow)] == ["refused: unsealable"]
    runtime.settings = usual
    site.clock.advance(150)
    jobs.sweep_overdue(runtime)
    with runtime.read() as uow:
        assert get_certificate(uow, waiting.id).state is CertificateState.ISSUED


def outbox_rows(uow):  # type: ignore[no-untyped-def]
    return [row for row in uow.session.query(outbox.OutboxJob).all() if row.name == "certificates.render"]


def test_what_one_key_sealed_stays_known_after_another_has_sealed_more(
    runtime: Runtime, people: People, plan: PlanFacts, own: Settings
) -> None:
    runtime.settings = runtime.settings.model_copy(update={"seal_dir": own.seal_dir})
    issue_in_full(runtime, a_graduate(runtime, people, plan))
    seal_keys.rotate(SealFolder(own.effective_seal_dir), NOW, 2048)
    issue_in_full(runtime, a_graduate(runtime, people, plan))
    with runtime.read() as uow:
        assert uow.session.query(CertificateSeal).count() == 2
        assert check(uow, INVARIANTS) == {}


def test_the_web_process_never_opens_the_keys(
    site: Site, certificate: CertificateFacts, client: Browser, watch: Callable[[], list[str]]
) -> None:
    assert certificate.file_key is not None
    data = site.runtime.storage.get(certificate.file_key)
    opened = watch()
    for ask in (
        lambda: client.get(certificate.verification_path),
        lambda: client.post("/api/v1/verify/file", {"file": (io.BytesIO(data), "c.pdf")}),
    ):
        assert ask().status_code == 200
    assert [name for name in opened if str(seal_dir()) in name] == []


@pytest.fixture
def watch() -> Iterator[Callable[[], list[str]]]:
    """Begin to listen which files are opened."""
    heard: list[str] = []
    listening = [False]

    def hear(event: str, facts: tuple[object, ...]) -> None:
        if listening[0] and event == "open":
            heard.append(str(facts[0]))

    def begin() -> list[str]:
        sys.addaudithook(hear)  # cannot be taken off again, only told to be still
        listening[0] = True
        return heard

    yield begin
    listening[0] = False
