"""A file handed in: genuine files are told with their state, every forgery is turned down, and nothing breaks."""

import io
import os
import subprocess
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from sqlalchemy import select

from lms.accounts import service as accounts
from lms.accounts.policy import ConsentPurpose, Role
from lms.accounts.queries import actor_of
from lms.certificates.file_traces import LARGEST_FILE, FileTraces, SignatureTrace, look_at
from lms.certificates.models.certificates import Certificate
from lms.certificates.policy.certificates import CertificateState
from lms.certificates.queries.certificates import CertificateFacts
from lms.certificates.seal import seal
from lms.certificates.seal_keys import SealFolder
from lms.certificates.service import certificates
from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.policy.entries import LOOKUPS_PER_MINUTE
from lms.registry.policy.files import FileVerdict, Finding, judge
from lms.registry.queries.entries import entries_of
from lms.registry.queries.verification import FileAnswer, answer_file
from lms.registry.service import entries as service
from tests.certificates.test_seal import PDFSIG, pdfsig
from tests.factories.certificates import (
    HOUSE,
    a_graduate,
    deliver_blank,
    issue_in_full,
    number,
    revoke_by_two,
)
from tests.factories.plans import a_plan
from tests.registry.forgeries import FORGERIES, Material, opened, saved
from tests.support.browser import Browser
from tests.support.people import People
from tests.support.site import ClockControl, Site

REASON = "两次警告，取消考评员资格"
GENUINE = 100
SLOWEST_SECONDS = 5.0
"""What a hostile file may cost on a slow core; it takes about one."""

pytestmark = pytest.mark.one_database


@pytest.fixture
def plan(runtime: Runtime, people: People) -> PlanFacts:
    """A published plan."""
    return a_plan(runtime, people)


@pytest.fixture
def certificate(runtime: Runtime, people: People, plan: PlanFacts) -> CertificateFacts:
    """A certificate as the jobs make it."""
    return issue_in_full(runtime, a_graduate(runtime, people, plan))


def file_of(runtime: Runtime, certificate: CertificateFacts) -> bytes:
    assert certificate.file_key is not None
    return runtime.storage.get(certificate.file_key)


def answer(runtime: Runtime, data: bytes) -> FileAnswer:
    with runtime.read() as uow:
        return answer_file(uow, look_at(data))


def hand_in(browser: Browser, data: bytes, name: str = "c.pdf"):  # type: ignore[no-untyped-def]
    browser.get("/verify")
    return browser.post("/verify/file", {"file": (io.BytesIO(data), name)})


# ---- the corpus -------------------------------------------------------------------------------------


def test_every_forgery_is_turned_down(
    runtime: Runtime, people: People, plan: PlanFacts, certificate: CertificateFacts, tmp_path: Path
) -> None:
    other = issue_in_full(runtime, a_graduate(runtime, people, plan))
    real = x509.load_pem_x509_certificates(
        SealFolder(runtime.settings.effective_seal_dir).signing.read_bytes()
    )[0]
    material = Material.gather(file_of(runtime, certificate), file_of(runtime, other), real, tmp_path)
    assert len(FORGERIES) >= 35
    answers = {name: answer(runtime, forge(material)) for name, forge in FORGERIES.items()}
    assert [name for name, one in answers.items() if one.verdict is FileVerdict.GENUINE] == []
    # All of them bear our seal, our code or our beginning, so the register's own words stand beside each.
    assert {name for name, one in answers.items() if one.view is None} <= {
        "locked_with_a_password", "the_code_leads_elsewhere_and_nothing_else_names_us",
    }  # fmt: skip
    assert {one.verdict for one in answers.values()} == {FileVerdict.ALTERED}
    found = {name: set(one.findings) for name, one in answers.items()}
    assert found["bytes_after_the_end"] == {Finding.APPENDED}
    assert found["a_later_version_with_other_words"] == {Finding.APPENDED}
    assert found["another_name"] == {Finding.CHANGED}
    assert found["the_seal_of_another_certificate"] == {Finding.CHANGED}
    assert found["the_seal_removed"] == found["the_seal_cut_off"] == {Finding.UNSEALED}
    for name in ("sealed_by_a_stranger_of_our_name", "sealed_by_an_authority_of_our_name"):
        assert found[name] == {Finding.STRANGER}
    assert found["a_bit_beside_the_signature"] == {Finding.UNKNOWN}, "only the register knows every byte"
    assert found["signed_once_more_by_a_stranger"] >= {Finding.STRANGER}


@pytest.mark.skipif(PDFSIG is None, reason="poppler-utils is not installed; script/setup --tests brings it")
def test_a_tool_that_is_not_ours_agrees_about_what_bears_our_seal(
    runtime: Runtime, people: People, plan: PlanFacts, certificate: CertificateFacts, tmp_path: Path
) -> None:
    """It knows neither the register nor whose keys are ours, so it is asked what a signature alone can tell."""
    other = issue_in_full(runtime, a_graduate(runtime, people, plan))
    real = x509.load_pem_x509_certificates(
        SealFolder(runtime.settings.effective_seal_dir).signing.read_bytes()
    )[0]
    material = Material.gather(file_of(runtime, certificate), file_of(runtime, other), real, tmp_path)
    passed = set()
    file = tmp_path / "c.pdf"
    for name, forge in {"genuine": lambda one: one.genuine, **FORGERIES}.items():
        file.write_bytes(forge(material))
        said = pdfsig(file)
        if "Signature is Valid" in said and "Not total document signed" not in said:
            passed.add(name)
    by_strangers = {name for name in FORGERIES if name.startswith(("sealed_by", "altered_and_then"))}
    assert passed - by_strangers <= {"genuine", "a_bit_beside_the_signature"}
    assert "genuine" in passed


def test_a_hundred_genuine_files_are_all_told_as_genuine(
    runtime: Runtime, people: People, plan: PlanFacts, certificate: CertificateFacts
) -> None:
    genuine = file_of(runtime, certificate)
    printed = genuine[: genuine.index(b"%%EOF") + len(b"%%EOF\n")]
    made = [(certificate, genuine)]
    for _ in range(1, GENUINE):
        # One print for all: what makes each another file is its seal, as the job makes it.
        one = number(runtime, a_graduate(runtime, people, plan, photo=False))
        sealed = seal(
            runtime.settings, printed, numbered_at=one.created_at, now=one.created_at, place="x",
            leads_to=f"http://localhost{one.verification_path}",
        )  # fmt: skip
        key = runtime.storage.put(sealed.data)
        with runtime.write() as uow:
            certificates.deliver(uow, HOUSE, one.id, key, len(sealed.data), sealed.by)
        made.append((one, sealed.data))
    assert len({data for _one, data in made}) == GENUINE
    for one, data in made:
        told = answer(runtime, data)
        assert told.verdict is FileVerdict.GENUINE
        assert told.findings == ()
        assert told.view is not None
        assert told.view.number == one.number


def test_an_old_certificate_without_a_seal_is_genuine_by_its_hash_alone(
    runtime: Runtime, people: People, plan: PlanFacts
) -> None:
    old = deliver_blank(runtime, a_graduate(runtime, people, plan))
    assert answer(runtime, file_of(runtime, old)).verdict is FileVerdict.GENUINE
    assert answer(runtime, file_of(runtime, old) + b" ").verdict is not FileVerdict.GENUINE


# ---- the rule ---------------------------------------------------------------------------------------

PLAIN = FileTraces("0" * 64, 9, (), (), has_number=False, earlier=())
OURS = SignatureTrace("ours", "CN=x", is_intact=True, end=9)


def test_only_stored_bytes_are_genuine_whatever_else_a_file_shows() -> None:
    seals = frozenset({"ours"})
    best = replace(PLAIN, signatures=(OURS,), codes=("x",), has_number=True)
    told = judge(best, seals, is_stored=False, was_stored=True, names_ours=True)
    assert told.verdict is FileVerdict.ALTERED
    assert (
        judge(PLAIN, seals, is_stored=True, was_stored=False, names_ours=False).verdict is FileVerdict.GENUINE
    )


def test_a_number_alone_says_nothing_about_the_register() -> None:
    told = judge(
        replace(PLAIN, has_number=True), frozenset(), is_stored=False, was_stored=False, names_ours=False
    )
    assert (told.verdict, told.findings) == (FileVerdict.FOREIGN, (Finding.NUMBER,))


# ---- the page ---------------------------------------------------------------------------------------


def test_the_page_tells_the_state_of_now(
    browser: Browser, runtime: Runtime, people: People, certificate: CertificateFacts, clock: ClockControl
) -> None:
    data = file_of(runtime, certificate)
    page = hand_in(browser, data)
    assert page.status_code == 200
    assert "每个字节都没有改动" in page.text
    assert "截至 2026年11月21日 09:" in page.text
    assert certificate.holder_name not in page.text
    assert f"{certificate.holder_name[0]}*" in page.text
    registrar = people.actor(people.staff(Role.REGISTRAR))
    with runtime.write() as uow:
        (entry,) = entries_of(uow, certificate.person_id)
        service.suspend(uow, registrar, entry.id, REASON)
    assert "不能从事考评" in hand_in(browser, data).text
    with runtime.write() as uow:
        service.resume(uow, registrar, entry.id, REASON)
    revoke_by_two(runtime, people, entry.id, REASON)
    revoked = hand_in(browser, data).text
    assert "每个字节都没有改动" in revoked
    assert "已撤销，不再有效" in revoked
    assert REASON in revoked


@pytest.mark.parametrize(("days", "word"), [(3 * 365 - 60, "即将到期"), (3 * 365 + 30, "已到期")])
def test_a_genuine_file_may_be_out_of_date(
    browser: Browser,
    runtime: Runtime,
    certificate: CertificateFacts,
    clock: ClockControl,
    days: int,
    word: str,
) -> None:
    data = file_of(runtime, certificate)
    clock.advance(days * 86_400)
    page = hand_in(browser, data).text
    assert "每个字节都没有改动" in page
    assert word in page


def test_a_replaced_certificate_says_that_there_is_a_newer_one(
    browser: Browser, runtime: Runtime, certificate: CertificateFacts
) -> None:
    with runtime.write() as uow:
        row = uow.session.scalar(select(Certificate).where(Certificate.id == certificate.id))
        assert row is not None
        row.state = CertificateState.SUPERSEDED
    page = hand_in(browser, file_of(runtime, certificate)).text
    assert "已被替代" in page
    assert "请查验新证书" in page


def test_an_altered_file_shows_what_the_register_says_and_no_name_without_consent(
    browser: Browser, runtime: Runtime, certificate: CertificateFacts
) -> None:
    data = file_of(runtime, certificate) + b"\n"
    page = hand_in(browser, data).text
    assert "文件不是签发时的原件" in page
    assert "签发的原件后面又追加了内容" in page
    assert "登记库里的证书如下" in page
    assert 'class="verdict is-valid"' not in page, "no green word beside a file that proves nothing"
    assert certificate.number[:2] + " " + certificate.number[2:10] in page
    assert certificate.holder_name not in page
    with runtime.write() as uow:
        holder = actor_of(uow, certificate.person_id)
        accounts.give_consents(uow, holder, frozenset({ConsentPurpose.PURPOSE, ConsentPurpose.SENSITIVE}))
    hidden = hand_in(browser, data).text
    assert "持证人未同意公开" in hidden
    assert f"{certificate.holder_name[0]}*" not in hidden


def test_a_document_of_strangers_is_not_ours(browser: Browser, certificate: CertificateFacts) -> None:
    page = hand_in(browser, saved(opened(_blank())))
    assert page.status_code == 200
    assert "不是本平台签发的文件" in page.text
    assert "证书内容" not in page.text


def _blank() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    return saved(pdf)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "没有选择文件，或文件是空的"),
        (b"\x89PNG\r\n" + b"x" * 3000, "这不是 PDF 文件"),
        (b"%PDF-1.7\n" + b"x" * LARGEST_FILE, "文件超过 2 MB"),
    ],
)
def test_what_cannot_be_checked_is_told_at_the_field(browser: Browser, data: bytes, words: str) -> None:
    page = hand_in(browser, data)
    assert page.status_code == 422
    assert words in page.text
    assert 'id="file-error"' in page.text


def test_an_answer_without_a_file_at_all_is_told_as_well(browser: Browser) -> None:
    browser.get("/verify")
    assert browser.post("/verify/file", {}).status_code == 422
    assert browser.get("/verify/file").status_code == 303


# Made by the test that hands one in, not by each process that collects.
HOSTILE = {
    "ranges": lambda: b"/ByteRange [0 10 20 30]" * 80_000,
    "a range of the largest numbers": lambda: (
        b"/ByteRange [0 99999999 99999999 99999999] /Contents <" + b"30" * 60_000 + b">"
    ),
    "a signature of nothing but beginnings": lambda: (
        b"/ByteRange [0 1 2 3] /Contents <" + b"3080" * 30_000 + b">"
    ),
    "streams": lambda: b"stream\n" * 250_000,
    "a bomb": lambda: b"stream\n" + zlib.compress(b"0" * 200_000_000, 9)[:1_900_000],
    "many bombs": lambda: (b"stream\n" + zlib.compress(b"ab-" * 300_000, 9)) * 600,
    "digits": lambda: b"1" * 1_900_000,
    "codes": lambda: b"abcd-" * 380_000,
    "addresses": lambda: b"/verify/" * 230_000,
    "ends": lambda: b"%%EOF" * 380_000,
    "zeros": lambda: b"\0" * 1_900_000,
    "noise": lambda: os.urandom(1_900_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_gets_a_plain_answer_in_bounded_time(browser: Browser, kind: str) -> None:
    browser.get("/verify")
    data = (b"%PDF-1.7\n" + HOSTILE[kind]())[:LARGEST_FILE]
    began = time.process_time()
    page = hand_in(browser, data)
    assert time.process_time() - began < SLOWEST_SECONDS
    assert page.status_code == 200
    assert "不是本平台签发的文件" in page.text


def test_nothing_of_the_file_is_kept(site: Site, browser: Browser, certificate: CertificateFacts) -> None:
    before = set(site.runtime.storage.keys())
    marked = file_of(site.runtime, certificate) + b"\n% a mark of this test " + b"x" * 600_000
    assert hand_in(browser, marked).status_code == 200
    assert set(site.runtime.storage.keys()) == before
    assert list((site.runtime.root / "uploads").iterdir()) == []
    found = subprocess.run(
        ["grep", "-rl", "a mark of this test", str(site.runtime.root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


def test_files_codes_and_programs_share_one_limit_that_never_opens(
    browser: Browser, runtime: Runtime, certificate: CertificateFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = file_of(runtime, certificate)
    for _ in range(LOOKUPS_PER_MINUTE - 2):
        with runtime.write() as uow:
            service.count_lookup(uow, "127.0.0.1")
    browser.get("/verify")
    assert hand_in(browser, data).status_code == 200
    assert browser.get(f"{certificate.verification_path}.json").status_code == 200
    asked = {"number": certificate.number, "name": certificate.holder_name}
    for refused in (
        hand_in(browser, data), browser.get(f"{certificate.verification_path}.json"),
        browser.post_json("/api/v1/verify", asked),
        browser.client.post("/api/v1/verify/file", data={"file": (io.BytesIO(data), "c.pdf")}),
    ):  # fmt: skip
        assert refused.status_code == 429
        assert certificate.issuer_name not in refused.text
        assert refused.headers["Retry-After"]
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise OSError("the store is gone")

        patch.setattr("lms.registry.service.entries.insert_new", fail)
        assert hand_in(browser, data).status_code == 500
        assert browser.get(certificate.verification_path).status_code == 500


# ---- for programs -----------------------------------------------------------------------------------


def test_programs_get_the_same_answer_as_the_page(
    browser: Browser, runtime: Runtime, certificate: CertificateFacts
) -> None:
    by_code = browser.get(f"{certificate.verification_path}.json").json
    assert by_code is not None
    told = by_code["certificate"]
    assert (by_code["found"], told["standing"], told["number"]) == (True, "valid", certificate.number)
    assert (told["valid_from"], told["valid_until"]) == ("2026-11-21", "2029-11-20")
    assert told["name_masked"] == f"{certificate.holder_name[0]}*{certificate.holder_name[-1]}"
    assert set(told) == {
        "standing", "standing_words", "number", "name_masked", "id_number_masked", "level", "level_words", "occupation",
        "grades", "valid_from", "valid_until", "issuer", "revoked_at", "revoked_because", "version", "newer_version",
        "version_cause", "version_cause_words", "version_words", "replaced_by_number",
    }  # fmt: skip
    assert (told["version"], told["newer_version"], told["version_cause"]) == (1, None, None)
    # Nobody's token is asked for: a program has no page.
    asked = {"number": certificate.number, "name": certificate.holder_name}
    by_name = browser.client.post("/api/v1/verify", json=asked).json
    assert by_name is not None
    assert by_name["certificate"] == told
    sent = {"file": (io.BytesIO(file_of(runtime, certificate)), "c.pdf")}
    by_file = browser.client.post("/api/v1/verify/file", data=sent).json
    assert by_file is not None
    assert (by_file["verdict"], by_file["findings"], by_file["certificate"]) == ("genuine", [], told)
    sent = {"file": (io.BytesIO(file_of(runtime, certificate) + b"x"), "c.pdf")}
    altered = browser.client.post("/api/v1/verify/file", data=sent).json
    assert altered is not None
    assert (altered["verdict"], altered["findings"][0]["code"]) == ("altered", "appended")


def test_not_found_is_a_plain_answer_for_programs_too(browser: Browser) -> None:
    missing = browser.get("/verify/0123456789abcdef.json")
    assert missing.status_code == 404
    assert missing.json is not None
    assert missing.json["found"] is False
    for body in (
        {},
        [],
        "x",
        {"number": "1", "name": "林书禾"},
        {"number": 5, "name": None},
        {"number": "263401000520001"},
    ):
        refused = browser.client.post("/api/v1/verify", json=body)
        assert refused.status_code == 422
        assert refused.json is not None
        assert refused.json["reasons"][0]["field"] in {"number", "name"}
    assert browser.client.post("/api/v1/verify", data=b"\xff").status_code == 422
    assert browser.client.post("/api/v1/verify/file").status_code == 422
