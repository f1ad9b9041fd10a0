"""Who may call what: one line per endpoint. The test drives every line; a route without a line fails it.

`access`  PUBLIC, SELF (anyone signed in, for himself), LEASE (a signed lease, no person), or the set of roles.
`scope`   what the access is measured by beyond the role:
          "-"         nothing lies behind it that belongs to anybody, or only what is the actor's own
          "own"       the address names an object; whoever does not own it meets 404
          "tree"      the address names an object; a scope that does not cover it meets 404
          "list"      shows only what the actor's scopes cover
          "province"  one for the whole province; the role has no smaller scope, or a smaller one meets 404
          "open"      names a plan that anyone may look at; reasons, not scope, say who may go on
          "lease"     the lease names the one attempt or session it opens
"""

from dataclasses import dataclass

from lms.accounts.policy import Role

PUBLIC, SELF, LEASE = "public", "signed_in", "leased"
ADMIN, AUDITOR, EXAM, OFFICER = Role.ADMINISTRATOR, Role.AUDITOR, Role.EXAM_ADMIN, Role.INSTITUTION_OFFICER
QUESTION, REGISTRAR, REVIEWER = Role.QUESTION_ADMIN, Role.REGISTRAR, Role.REVIEWER
ALL_STAFF = frozenset(role for role in Role if role is not Role.TRAINEE)


@dataclass(frozen=True, slots=True)
class Line:
    """One endpoint with its methods, who may call it, and by what it is scoped."""

    endpoint: str
    methods: str
    access: str | frozenset[Role]
    scope: str = "-"


def only(*roles: Role) -> frozenset[Role]:
    """Name the roles of a line."""
    return frozenset(roles)


CASE_STAFF = only(ADMIN, AUDITOR, EXAM, OFFICER, REGISTRAR, REVIEWER)
PLAN_STAFF = only(ADMIN, AUDITOR, EXAM)
COURSE_STAFF = only(ADMIN, EXAM)

MATRIX: tuple[Line, ...] = (
    Line("accounts.allow_correction", "POST", only(ADMIN), "tree"),
    Line("accounts.audit", "GET", only(AUDITOR), "province"),
    Line("accounts.consents", "GET POST", SELF),
    Line("accounts.disable", "POST", only(ADMIN), "tree"),
    Line("accounts.enable", "POST", only(ADMIN), "tree"),
    Line("accounts.front", "GET", PUBLIC),
    Line("accounts.language", "POST", PUBLIC),
    Line("accounts.organisation", "GET", only(ADMIN, AUDITOR), "tree"),
    Line("accounts.organisations", "GET POST", only(ADMIN), "list"),
    Line("accounts.people", "GET POST", only(ADMIN), "list"),
    Line("accounts.person", "GET POST", only(ADMIN), "tree"),
    Line("accounts.photo", "GET", SELF),
    Line("accounts.privacy", "GET", PUBLIC),
    Line("accounts.profile", "GET POST", SELF),
    Line("accounts.recover", "GET POST", PUBLIC),
    Line("accounts.register", "GET POST", PUBLIC),
    Line("accounts.revoke_grant", "POST", only(ADMIN), "tree"),
    Line("accounts.save_photo", "POST", SELF),
    Line("accounts.security", "GET POST", SELF),
    Line("accounts.set_password", "GET POST", PUBLIC),
    Line("accounts.sign_in", "GET POST", PUBLIC),
    Line("accounts.sign_out", "POST", SELF),
    Line("accounts.staff", "GET POST", only(ADMIN), "list"),
    Line("accounts.staff_member", "GET POST", only(ADMIN), "tree"),
    Line("appeals.ask", "POST", SELF, "own"),
    Line("appeals.decide", "POST", only(EXAM), "tree"),
    Line("appeals.index", "GET", PLAN_STAFF, "list"),
    Line("appeals.read", "POST", SELF, "own"),
    Line("appeals.refused", "GET", SELF, "own"),
    Line("appeals.show", "GET", PLAN_STAFF, "tree"),
    Line("appeals.withdraw", "POST", SELF, "own"),
    Line("certificates.download", "GET", SELF, "own"),
    Line("certificates.index", "GET", SELF),
    Line("certificates.making", "GET", SELF, "own"),
    Line("certificates.preview", "GET", SELF, "own"),
    Line("certificates.qr", "GET", SELF, "own"),
    Line("certificates.show", "GET", SELF, "own"),
    Line("classes.export", "GET POST", only(EXAM), "tree"),
    Line("classes.index", "GET", only(ADMIN, AUDITOR, EXAM, OFFICER), "list"),
    Line("classes.person", "GET", only(ADMIN, AUDITOR, EXAM, OFFICER), "tree"),
    Line("classes.remind", "GET POST", only(EXAM, OFFICER), "tree"),
    Line("classes.rule", "POST", only(EXAM), "tree"),
    Line("classes.show", "GET", only(ADMIN, AUDITOR, EXAM, OFFICER), "tree"),
    Line("courses.add_handout", "POST", COURSE_STAFF, "province"),
    Line("courses.add_lesson", "POST", COURSE_STAFF, "province"),
    Line("courses.again", "POST", COURSE_STAFF, "province"),
    Line("courses.captions", "POST", COURSE_STAFF, "province"),
    Line("courses.card", "GET", COURSE_STAFF, "province"),
    Line("courses.chapters", "POST", COURSE_STAFF, "province"),
    Line("courses.copy", "GET POST", COURSE_STAFF, "province"),
    Line("courses.discard", "POST", COURSE_STAFF, "province"),
    Line("courses.draft", "GET POST", COURSE_STAFF, "province"),
    Line("courses.draft_media", "GET", COURSE_STAFF, "province"),
    Line("courses.index", "GET", COURSE_STAFF, "list"),
    Line("courses.lesson", "GET POST", COURSE_STAFF, "province"),
    Line("courses.media", "GET", COURSE_STAFF, "province"),
    Line("courses.move", "POST", COURSE_STAFF, "province"),
    Line("courses.new", "GET POST", COURSE_STAFF, "province"),
    Line("courses.new_question", "GET POST", COURSE_STAFF, "province"),
    Line("courses.publish", "POST", COURSE_STAFF, "province"),
    Line("courses.question", "GET POST", COURSE_STAFF, "province"),
    Line("courses.remove", "POST", COURSE_STAFF, "province"),
    Line("courses.remove_handout", "POST", COURSE_STAFF, "province"),
    Line("courses.remove_question", "POST", COURSE_STAFF, "province"),
    Line("courses.show", "GET", COURSE_STAFF, "province"),
    Line("courses.upload", "POST", COURSE_STAFF, "province"),
    Line("dashboards.behind", "GET", only(ADMIN, AUDITOR, EXAM, OFFICER, REVIEWER), "list"),
    Line("dashboards.desk", "GET", ALL_STAFF, "list"),
    Line("dashboards.figures", "GET", CASE_STAFF, "list"),
    Line("dashboards.home", "GET", SELF),
    Line("dashboards.roster", "GET", only(OFFICER), "list"),
    Line("enrolment.add_evidence", "POST", SELF, "own"),
    Line("enrolment.apply", "GET POST", SELF, "open"),
    Line("enrolment.case", "GET", CASE_STAFF, "tree"),
    Line("enrolment.case_photo", "GET", CASE_STAFF, "tree"),
    Line("enrolment.decide", "POST", only(OFFICER, REVIEWER), "tree"),
    Line("enrolment.decided", "GET", only(OFFICER, REVIEWER), "list"),
    Line("enrolment.evidence", "GET", SELF, "own"),
    Line("enrolment.id_number", "GET POST", only(OFFICER, REVIEWER), "tree"),
    Line("enrolment.inbox", "GET", only(OFFICER, REVIEWER), "list"),
    Line("enrolment.index", "GET", SELF),
    Line("enrolment.of_plan", "GET", PLAN_STAFF, "tree"),
    Line("enrolment.reject", "POST", only(OFFICER, REVIEWER), "tree"),
    Line("enrolment.remove_evidence", "POST", SELF, "own"),
    Line("enrolment.save", "POST", SELF, "own"),
    Line("enrolment.show", "GET", SELF, "own"),
    Line("enrolment.withdraw", "POST", SELF, "own"),
    Line("exam.attempt", "GET", PLAN_STAFF, "tree"),
    Line("exam.attempts", "GET", PLAN_STAFF, "list"),
    Line("exam.entry", "GET", SELF, "own"),
    Line("exam.hand_in", "POST", LEASE, "lease"),
    Line("exam.index", "GET", SELF),
    Line("exam.picture", "GET", SELF, "own"),
    Line("exam.question", "GET", only(QUESTION), "province"),
    Line("exam.questions", "GET", only(QUESTION), "province"),
    Line("exam.result", "GET", SELF, "own"),
    Line("exam.runner", "GET", SELF, "own"),
    Line("exam.start", "POST", SELF, "open"),
    Line("exam.take_over", "POST", SELF, "own"),
    Line("exam.void", "POST", only(EXAM), "tree"),
    Line("exam_api.answer", "POST", LEASE, "lease"),
    Line("exam_api.clock", "GET", SELF, "own"),
    Line("exam_api.start", "POST", SELF, "open"),
    Line("exam_api.submit", "POST", LEASE, "lease"),
    Line("exports.again", "POST", SELF, "own"),
    Line("exports.card", "GET", SELF, "own"),
    Line("exports.file", "GET", SELF, "own"),
    Line("exports.index", "GET", only(EXAM, QUESTION, REGISTRAR)),
    Line("exports.show", "GET", SELF, "own"),
    Line("findings.index", "GET", PLAN_STAFF, "list"),
    Line("findings.look", "POST", only(EXAM), "tree"),
    Line("findings.show", "GET", PLAN_STAFF, "tree"),
    Line("health.healthz", "GET", PUBLIC),
    Line("health.readyz", "GET", PUBLIC),
    Line("plans.cancel", "POST", only(EXAM), "tree"),
    Line("plans.close", "POST", only(EXAM), "tree"),
    Line("plans.edit", "GET POST", only(EXAM), "tree"),
    Line("plans.index", "GET", PLAN_STAFF, "list"),
    Line("plans.new", "GET POST", only(EXAM), "list"),
    Line("plans.preview", "GET", PLAN_STAFF, "tree"),
    Line("plans.publish", "POST", only(EXAM), "tree"),
    Line("plans.show", "GET", PLAN_STAFF, "tree"),
    Line("questions.accept", "POST", only(QUESTION), "province"),
    Line("questions.annotated", "GET", only(QUESTION), "province"),
    Line("questions.approve_batch", "POST", only(QUESTION), "province"),
    Line("questions.batch", "GET", only(QUESTION), "province"),
    Line("questions.blueprints", "GET", only(EXAM, QUESTION), "province"),
    Line("questions.bulk", "GET POST", only(QUESTION), "province"),
    Line("questions.decide_blueprint", "POST", only(QUESTION), "province"),
    Line("questions.edit_blueprint", "GET POST", only(QUESTION), "province"),
    Line("questions.new_blueprint", "GET POST", only(QUESTION), "province"),
    Line("questions.decide", "POST", only(QUESTION), "province"),
    Line("questions.card", "GET", only(QUESTION), "province"),
    Line("questions.check_again", "POST", only(QUESTION), "province"),
    Line("questions.columns", "GET POST", only(QUESTION), "province"),
    Line("questions.decide_pair", "POST", only(QUESTION), "province"),
    Line("questions.decide_rest", "POST", only(QUESTION), "province"),
    Line("questions.delete_profile", "POST", only(QUESTION), "province"),
    Line("questions.discard", "POST", only(QUESTION), "province"),
    Line("questions.edit", "GET POST", only(QUESTION), "province"),
    Line("questions.export", "GET POST", only(QUESTION), "province"),
    Line("questions.imports", "GET POST", only(QUESTION), "province"),
    Line("questions.index", "GET", only(QUESTION), "province"),
    Line("questions.item", "GET", only(QUESTION), "province"),
    Line("questions.new", "GET POST", only(QUESTION), "province"),
    Line("questions.pairs", "GET", only(QUESTION), "province"),
    Line("questions.picture", "GET", only(QUESTION), "province"),
    Line("questions.profile", "GET POST", only(QUESTION), "province"),
    Line("questions.profiles", "GET", only(QUESTION), "province"),
    Line("questions.reinstate", "POST", only(QUESTION), "province"),
    Line("questions.retire", "POST", only(QUESTION), "province"),
    Line("questions.reviews", "GET", only(QUESTION), "province"),
    Line("questions.show_blueprint", "GET", only(EXAM, QUESTION), "province"),
    Line("questions.template", "GET", only(QUESTION), "province"),
    Line("questions.use_profile", "POST", only(QUESTION), "province"),
    Line("registry.certificate_file", "GET", only(AUDITOR, REGISTRAR), "tree"),
    Line("registry.export", "GET POST", only(REGISTRAR), "list"),
    Line("registry.index", "GET", only(AUDITOR, REGISTRAR), "list"),
    Line("registry.photo", "GET", only(AUDITOR, REGISTRAR), "tree"),
    Line("registry.resume", "POST", only(REGISTRAR), "tree"),
    Line("registry.revoke", "POST", only(REGISTRAR), "tree"),
    Line("registry.show", "GET", only(AUDITOR, REGISTRAR), "tree"),
    Line("registry.suspend", "POST", only(REGISTRAR), "tree"),
    Line("registry.verify", "GET", PUBLIC),
    Line("registry.verify_code", "GET", PUBLIC),
    Line("registry.verify_question", "POST", PUBLIC),
    Line("static", "GET", PUBLIC),
    Line("study.handout", "GET", SELF, "own"),
    Line("study.index", "GET", SELF),
    Line("study.ledger", "GET", SELF, "own"),
    Line("study.media", "GET", SELF, "own"),
    Line("study.player", "GET", SELF, "own"),
    Line("study.sessions", "POST", SELF, "open"),
    Line("study_api.beat", "POST", LEASE, "lease"),
    Line("study_api.presence", "POST", LEASE, "lease"),
    Line("study_api.question", "POST", LEASE, "lease"),
)
