"""The first schema: every table of the road from registration to the register."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0500"
down_revision = None
branch_labels = None
depends_on = None

# Facts are added, never changed (fault I5); the database itself refuses.
APPEND_ONLY = (
    "audit_event",
    "audit_seal",
    "state_log",
    "study_beat",
    "answer_revision",
    "paper",
    "question_version",
)


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(length=16), nullable=True),
        sa.Column("actor_label", sa.String(length=60), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_actor_id"), "audit_event", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_event_at"), "audit_event", ["at"], unique=False)
    op.create_index(op.f("ix_audit_event_subject_id"), "audit_event", ["subject_id"], unique=False)
    op.create_table(
        "blueprint",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blueprint")),
        sa.UniqueConstraint("code", name=op.f("uq_blueprint_code")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("code", name=op.f("uq_course_code")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("default_area", sa.String(length=20), nullable=True),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("known_count", sa.Integer(), nullable=False),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("added_count", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('checked', 'accepted', 'discarded')", name=op.f("ck_import_batch_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_created_at"), "import_batch", ["created_at"], unique=False)
    op.create_table(
        "number_sequence",
        sa.Column("number_rule", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("institution_code", sa.String(length=8), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last BETWEEN 0 AND 9999", name=op.f("ck_number_sequence_last")),
        sa.PrimaryKeyConstraint(
            "number_rule", "year", "institution_code", "level", name=op.f("pk_number_sequence")
        ),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("parent_id", sa.String(length=16), nullable=True),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("is_filed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("path LIKE '/%/' OR path = '/'", name=op.f("ck_organisation_path_has_slashes")),
        sa.ForeignKeyConstraint(["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_index(op.f("ix_organisation_parent_id"), "organisation", ["parent_id"], unique=False)
    op.create_index("ix_organisation_path", "organisation", ["path"], unique=True)
    op.create_table(
        "outbox_job",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_job")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_job_key")),
    )
    op.create_index(
        "ix_outbox_job_waiting",
        "outbox_job",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.create_table(
        "periodic_slot",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_slot")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("login_name", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login_name", name=op.f("uq_person_login_name")),
    )
    op.create_table(
        "plan_number_sequence",
        sa.Column("month", sa.String(length=6), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_plan_number_sequence")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_at"), "sign_in_failure", ["at"], unique=False)
    op.create_index(op.f("ix_sign_in_failure_key"), "sign_in_failure", ["key"], unique=False)
    op.create_table(
        "verification_lookup",
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("address", "minute", name=op.f("pk_verification_lookup")),
    )
    op.create_table(
        "audit_seal",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("audit_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_event_id"], ["audit_event.id"], name=op.f("fk_audit_seal_audit_event_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("audit_event_id", name=op.f("uq_audit_seal_audit_event_id")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_table(
        "lesson",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("course_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.CheckConstraint("duration_ms >= 1000", name=op.f("ck_lesson_lasts_a_second")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_lesson_has_bytes")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_lesson_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("course_id", "position", name=op.f("uq_lesson_course_id_position")),
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_because", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    op.create_index(op.f("ix_login_session_person_id"), "login_session", ["person_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("template_code", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("issuer_organisation_id", sa.String(length=16), nullable=False),
        sa.Column("enrol_from", sa.BigInteger(), nullable=False),
        sa.Column("enrol_until", sa.BigInteger(), nullable=False),
        sa.Column("study_from", sa.BigInteger(), nullable=False),
        sa.Column("study_until", sa.BigInteger(), nullable=False),
        sa.Column("exam_from", sa.BigInteger(), nullable=False),
        sa.Column("exam_until", sa.BigInteger(), nullable=False),
        sa.Column("required_study_seconds", sa.Integer(), nullable=False),
        sa.Column("beat_interval_seconds", sa.Integer(), nullable=False),
        sa.Column("presence_min_seconds", sa.Integer(), nullable=False),
        sa.Column("presence_max_seconds", sa.Integer(), nullable=False),
        sa.Column("presence_answer_seconds", sa.Integer(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("exam_duration_seconds", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.String(length=16), nullable=True),
        sa.Column("blueprint_id", sa.String(length=16), nullable=True),
        sa.Column("review_route", sa.JSON(), nullable=False),
        sa.Column("number_rule", sa.String(length=20), nullable=False),
        sa.Column("validity_years", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "beat_interval_seconds >= 1 AND presence_min_seconds >= 1", name=op.f("ck_plan_interval_floor")
        ),
        sa.CheckConstraint(
            "enrol_from < enrol_until AND study_from < study_until AND exam_from < exam_until",
            name=op.f("ck_plan_windows"),
        ),
        sa.CheckConstraint("length(number) = 16", name=op.f("ck_plan_number_length")),
        sa.CheckConstraint("max_attempts BETWEEN 1 AND 2", name=op.f("ck_plan_attempts_bound")),
        sa.CheckConstraint("pass_mark BETWEEN 1 AND 10000", name=op.f("ck_plan_pass_mark_bound")),
        sa.CheckConstraint(
            "presence_max_seconds >= presence_min_seconds", name=op.f("ck_plan_presence_order")
        ),
        sa.ForeignKeyConstraint(["blueprint_id"], ["blueprint.id"], name=op.f("fk_plan_blueprint_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_plan_course_id")),
        sa.ForeignKeyConstraint(
            ["issuer_organisation_id"], ["organisation.id"], name=op.f("fk_plan_issuer_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("number", name=op.f("uq_plan_number")),
    )
    op.create_index(op.f("ix_plan_issuer_organisation_id"), "plan", ["issuer_organisation_id"], unique=False)
    op.create_index(op.f("ix_plan_state"), "plan", ["state"], unique=False)
    op.create_table(
        "profile",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("id_kind", sa.String(length=20), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("id_number_masked", sa.String(length=20), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("education", sa.String(length=10), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("postcode", sa.String(length=6), nullable=False),
        sa.Column("exam_region", sa.String(length=20), nullable=False),
        sa.Column("candidate_category", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("identity_flag", sa.String(length=10), nullable=False),
        sa.Column("employer_id", sa.String(length=16), nullable=True),
        sa.Column("employed_since", sa.Date(), nullable=True),
        sa.Column("photo_key", sa.String(length=64), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["organisation.id"], name=op.f("fk_profile_employer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_profile_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profile")),
        sa.UniqueConstraint("id_number_index", name=op.f("uq_profile_id_number_index")),
    )
    op.create_table(
        "question_item",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("question_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("difficulty", sa.String(length=8), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("import_batch_id", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('approved', 'retired')", name=op.f("ck_question_item_state")),
        sa.ForeignKeyConstraint(
            ["import_batch_id"], ["import_batch.id"], name=op.f("fk_question_item_import_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_item")),
    )
    op.create_index(op.f("ix_question_item_created_at"), "question_item", ["created_at"], unique=False)
    op.create_index(
        "ix_question_item_filter", "question_item", ["state", "type", "area", "difficulty"], unique=False
    )
    op.create_index(op.f("ix_question_item_fingerprint"), "question_item", ["fingerprint"], unique=False)
    op.create_index(
        op.f("ix_question_item_import_batch_id"), "question_item", ["import_batch_id"], unique=False
    )
    op.create_index(
        "uq_question_item_live",
        "question_item",
        ["question_key"],
        unique=True,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "recovery_token",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("issued_by", sa.String(length=16), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_recovery_token_token_hash")),
    )
    op.create_index(op.f("ix_recovery_token_person_id"), "recovery_token", ["person_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.String(length=16), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("granted_by", sa.String(length=16), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_role_grant_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_index(
        "uq_role_grant_live",
        "role_grant",
        ["person_id", "role", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "state_log",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("machine", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=16), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("audit_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_event_id"], ["audit_event.id"], name=op.f("fk_state_log_audit_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_log")),
        sa.UniqueConstraint("audit_event_id", name=op.f("uq_state_log_audit_event_id")),
    )
    op.create_index("ix_state_log_subject", "state_log", ["machine", "subject_id", "id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("occupation_edition", sa.String(length=4), nullable=False),
        sa.Column("occupation_code", sa.String(length=12), nullable=False),
        sa.Column("occupation_name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("issuing_organisation_id", sa.String(length=16), nullable=False),
        sa.Column("employer_organisation_id", sa.String(length=16), nullable=False),
        sa.Column("employer_path", sa.String(length=80), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("route", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("waiting_tier", sa.String(length=12), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("step_entered_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("step >= 0", name=op.f("ck_application_step_from_zero")),
        sa.ForeignKeyConstraint(
            ["employer_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_application_employer_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["issuing_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_application_issuing_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_application_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_index("ix_application_inbox", "application", ["waiting_tier", "employer_path"], unique=False)
    op.create_index(op.f("ix_application_person_id"), "application", ["person_id"], unique=False)
    op.create_index(op.f("ix_application_plan_id"), "application", ["plan_id"], unique=False)
    op.create_index(
        "uq_application_live_occupation",
        "application",
        ["id_number_index", "occupation_edition", "occupation_code", "level"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL AND state NOT IN ('rejected', 'withdrawn')"),
        postgresql_where=sa.text("outcome IS NULL AND state NOT IN ('rejected', 'withdrawn')"),
    )
    op.create_index(
        "uq_application_person_plan",
        "application",
        ["person_id", "plan_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
    )
    op.create_table(
        "credit_window",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("window_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.String(length=16), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credit_window_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_credit_window_plan_id")),
        sa.PrimaryKeyConstraint("person_id", "plan_id", "window_no", name=op.f("pk_credit_window")),
    )
    op.create_table(
        "lesson_coverage",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("lesson_id", sa.String(length=16), nullable=False),
        sa.Column("counted", sa.LargeBinary(), nullable=False),
        sa.Column("pending", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_coverage_lesson_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lesson_coverage_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_lesson_coverage_plan_id")),
        sa.PrimaryKeyConstraint("person_id", "plan_id", "lesson_id", name=op.f("pk_lesson_coverage")),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("blueprint_id", sa.String(length=16), nullable=False),
        sa.Column("question_count", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["blueprint_id"], ["blueprint.id"], name=op.f("fk_paper_blueprint_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_paper_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_paper_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("person_id", "plan_id", "serial", name=op.f("uq_paper_person_id_plan_id_serial")),
    )
    op.create_index(op.f("ix_paper_plan_id"), "paper", ["plan_id"], unique=False)
    op.create_table(
        "plan_occupation",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=4), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_occupation_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_occupation")),
        sa.UniqueConstraint(
            "plan_id", "edition", "code", "level", name=op.f("uq_plan_occupation_plan_id_edition_code_level")
        ),
    )
    op.create_table(
        "plan_stage",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_stage_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_stage")),
        sa.UniqueConstraint("plan_id", "kind", name=op.f("uq_plan_stage_plan_id_kind")),
    )
    op.create_index("uq_plan_stage_position", "plan_stage", ["plan_id", "position"], unique=True)
    op.create_table(
        "question_version",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["question_item.id"], name=op.f("fk_question_version_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_version")),
        sa.UniqueConstraint("item_id", "version", name=op.f("uq_question_version_item_id_version")),
    )
    op.create_index("ix_question_version_fingerprint", "question_version", ["fingerprint"], unique=False)
    op.create_table(
        "study_progress",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("counted_seconds", sa.Integer(), nullable=False),
        sa.Column("pending_seconds", sa.Integer(), nullable=False),
        sa.Column("required_seconds", sa.Integer(), nullable=False),
        sa.Column("window_no", sa.Integer(), nullable=False),
        sa.Column("check_after_seconds", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.String(length=16), nullable=True),
        sa.Column("check_lesson_id", sa.String(length=16), nullable=True),
        sa.Column("check_raised_at", sa.BigInteger(), nullable=True),
        sa.Column("check_deadline", sa.BigInteger(), nullable=True),
        sa.Column("check_tries", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "completed_at IS NULL OR counted_seconds >= required_seconds",
            name=op.f("ck_study_progress_complete_is_reached"),
        ),
        sa.CheckConstraint(
            "counted_seconds >= 0 AND pending_seconds >= 0",
            name=op.f("ck_study_progress_no_negative_seconds"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_study_progress_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_study_progress_plan_id")),
        sa.PrimaryKeyConstraint("person_id", "plan_id", name=op.f("pk_study_progress")),
    )
    op.create_index(
        "ix_study_progress_check",
        "study_progress",
        ["check_deadline"],
        unique=False,
        sqlite_where=sa.text("check_id IS NOT NULL"),
        postgresql_where=sa.text("check_id IS NOT NULL"),
    )
    op.create_table(
        "study_session",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("course_id", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.String(length=16), nullable=False),
        sa.Column("login_session_id", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("close_reason", sa.String(length=12), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("presence_min_seconds", sa.Integer(), nullable=False),
        sa.Column("presence_max_seconds", sa.Integer(), nullable=False),
        sa.Column("presence_answer_seconds", sa.Integer(), nullable=False),
        sa.Column("study_until", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("credited_until", sa.BigInteger(), nullable=False),
        sa.Column("last_arrival", sa.BigInteger(), nullable=False),
        sa.Column("last_reply", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)", name=op.f("ck_study_session_closed_has_time")
        ),
        sa.CheckConstraint("interval_seconds >= 1", name=op.f("ck_study_session_interval_floor")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_study_session_course_id")),
        sa.ForeignKeyConstraint(
            ["login_session_id"], ["login_session.id"], name=op.f("fk_study_session_login_session_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_study_session_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_study_session_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_session")),
    )
    op.create_index("ix_study_session_person", "study_session", ["person_id", "opened_at"], unique=False)
    op.create_index(
        "uq_study_session_open",
        "study_session",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "application_stage",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_stage_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_stage")),
        sa.UniqueConstraint("application_id", "kind", name=op.f("uq_application_stage_application_id_kind")),
    )
    op.create_index(
        "uq_application_stage_position", "application_stage", ["application_id", "position"], unique=True
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.String(length=16), nullable=False),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(length=16), nullable=False),
        sa.Column("question_count", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("login_session_id", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("granted_seconds", sa.Integer(), nullable=False),
        sa.Column("window_end", sa.BigInteger(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("is_timed_out", sa.Boolean(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("full_score", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("breakdown", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "state <> 'graded' OR (score IS NOT NULL AND passed IS NOT NULL)",
            name=op.f("ck_attempt_graded_has_score"),
        ),
        sa.CheckConstraint(
            "state <> 'in_progress' OR closed_at IS NULL", name=op.f("ck_attempt_open_is_open")
        ),
        sa.CheckConstraint(
            "state IN ('in_progress', 'submitted', 'timed_out', 'graded', 'voided')",
            name=op.f("ck_attempt_state"),
        ),
        sa.CheckConstraint("attempt_no <= max_attempts", name=op.f("ck_attempt_within_plan")),
        sa.CheckConstraint("attempt_no IN (1, 2)", name=op.f("ck_attempt_attempt_no")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_attempt_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["login_session_id"], ["login_session.id"], name=op.f("fk_attempt_login_session_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_attempt_paper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attempt_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_attempt_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("paper_id", name=op.f("uq_attempt_paper_id")),
    )
    op.create_index(op.f("ix_attempt_application_id"), "attempt", ["application_id"], unique=False)
    op.create_index(
        "ix_attempt_deadline",
        "attempt",
        ["deadline_at"],
        unique=False,
        sqlite_where=sa.text("state = 'in_progress'"),
        postgresql_where=sa.text("state = 'in_progress'"),
    )
    op.create_index(op.f("ix_attempt_plan_id"), "attempt", ["plan_id"], unique=False)
    op.create_index(
        "uq_attempt_number",
        "attempt",
        ["person_id", "plan_id", "attempt_no"],
        unique=True,
        sqlite_where=sa.text("state <> 'voided'"),
        postgresql_where=sa.text("state <> 'voided'"),
    )
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'in_progress'"),
        postgresql_where=sa.text("state = 'in_progress'"),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("number_rule", sa.String(length=20), nullable=False),
        sa.Column("number_year", sa.Integer(), nullable=False),
        sa.Column("institution_code", sa.String(length=8), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("verification_code", sa.String(length=16), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("holder_name", sa.String(length=40), nullable=False),
        sa.Column("id_number_masked", sa.String(length=20), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("photo_key", sa.String(length=64), nullable=True),
        sa.Column("occupation_edition", sa.String(length=4), nullable=False),
        sa.Column("occupation_code", sa.String(length=12), nullable=False),
        sa.Column("occupation_name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("issuing_organisation_id", sa.String(length=16), nullable=False),
        sa.Column("issuer_name", sa.String(length=80), nullable=False),
        sa.Column("employer_organisation_id", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.Column("file_key", sa.String(length=64), nullable=True),
        sa.Column("file_bytes", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_because", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state <> 'issued' OR (file_key IS NOT NULL AND issued_at IS NOT NULL)",
            name=op.f("ck_certificate_issued_has_file"),
        ),
        sa.CheckConstraint(
            "state <> 'revoked' OR revoked_because IS NOT NULL",
            name=op.f("ck_certificate_revoked_has_reason"),
        ),
        sa.CheckConstraint("serial BETWEEN 1 AND 9999", name=op.f("ck_certificate_serial")),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_certificate_validity")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_certificate_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_certificate_employer_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["issuing_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_certificate_issuing_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("application_id", name=op.f("uq_certificate_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("verification_code", name=op.f("uq_certificate_verification_code")),
    )
    op.create_index(op.f("ix_certificate_id_number_index"), "certificate", ["id_number_index"], unique=False)
    op.create_index(
        op.f("ix_certificate_issuing_organisation_id"),
        "certificate",
        ["issuing_organisation_id"],
        unique=False,
    )
    op.create_index(op.f("ix_certificate_person_id"), "certificate", ["person_id"], unique=False)
    op.create_index(
        "uq_certificate_live",
        "certificate",
        ["id_number_index", "occupation_edition", "occupation_code", "level"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'issued')"),
        postgresql_where=sa.text("state IN ('pending', 'issued')"),
    )
    op.create_index(
        "uq_certificate_sequence",
        "certificate",
        ["number_rule", "number_year", "institution_code", "level", "serial"],
        unique=True,
    )
    op.create_table(
        "evidence_file",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_evidence_file_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
    )
    op.create_index(
        op.f("ix_evidence_file_application_id"), "evidence_file", ["application_id"], unique=False
    )
    op.create_table(
        "review_decision",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("actor_id", sa.String(length=16), nullable=False),
        sa.Column("scope_path", sa.String(length=80), nullable=False),
        sa.Column("remark", sa.String(length=300), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_review_decision_actor_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_review_decision_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
        sa.UniqueConstraint(
            "application_id", "version", name=op.f("uq_review_decision_application_id_version")
        ),
    )
    op.create_index(op.f("ix_review_decision_actor_id"), "review_decision", ["actor_id"], unique=False)
    op.create_index(
        "uq_review_decision_eyes",
        "review_decision",
        ["application_id", "actor_id"],
        unique=True,
        sqlite_where=sa.text("decision = 'approve'"),
        postgresql_where=sa.text("decision = 'approve'"),
    )
    op.create_index(
        "uq_review_decision_step",
        "review_decision",
        ["application_id", "step"],
        unique=True,
        sqlite_where=sa.text("decision = 'approve'"),
        postgresql_where=sa.text("decision = 'approve'"),
    )
    op.create_table(
        "study_beat",
        sa.Column("session_id", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=16), nullable=False),
        sa.Column("lesson_id", sa.String(length=16), nullable=False),
        sa.Column("window_no", sa.Integer(), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.Column("from_ms", sa.Integer(), nullable=False),
        sa.Column("to_ms", sa.Integer(), nullable=False),
        sa.Column("credit_seconds", sa.Integer(), nullable=False),
        sa.Column("span_from", sa.BigInteger(), nullable=False),
        sa.Column("span_to", sa.BigInteger(), nullable=False),
        sa.Column("refusal", sa.String(length=10), nullable=False),
        sa.CheckConstraint("credit_seconds >= 0", name=op.f("ck_study_beat_no_negative_credit")),
        sa.CheckConstraint(
            "span_to - span_from = credit_seconds * 1000", name=op.f("ck_study_beat_span_is_credit")
        ),
        sa.CheckConstraint("to_ms >= from_ms AND from_ms >= 0", name=op.f("ck_study_beat_forward")),
        sa.ForeignKeyConstraint(["session_id"], ["study_session.id"], name=op.f("fk_study_beat_session_id")),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_study_beat")),
    )
    op.create_index("ix_study_beat_person", "study_beat", ["person_id", "plan_id", "arrival"], unique=False)
    op.create_table(
        "answer_revision",
        sa.Column("attempt_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=160), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "position >= 1 AND revision >= 1", name=op.f("ck_answer_revision_counts_from_one")
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_answer_revision_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "position", "revision", name=op.f("pk_answer_revision")),
    )
    op.create_table(
        "registry_entry",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("holder_name", sa.String(length=40), nullable=False),
        sa.Column("id_number_masked", sa.String(length=20), nullable=False),
        sa.Column("occupation_edition", sa.String(length=4), nullable=False),
        sa.Column("occupation_code", sa.String(length=12), nullable=False),
        sa.Column("occupation_name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("certificate_id", sa.String(length=16), nullable=False),
        sa.Column("certificate_number", sa.String(length=20), nullable=False),
        sa.Column("issuing_organisation_id", sa.String(length=16), nullable=False),
        sa.Column("employer_organisation_id", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_registry_entry_validity")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_registry_entry_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_registry_entry_employer_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["issuing_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_registry_entry_issuing_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registry_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_entry")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_registry_entry_certificate_id")),
        sa.UniqueConstraint("certificate_number", name=op.f("uq_registry_entry_certificate_number")),
        sa.UniqueConstraint(
            "id_number_index",
            "occupation_edition",
            "occupation_code",
            "level",
            name="uq_registry_entry_standing",
        ),
    )
    op.create_index(
        "ix_registry_entry_list",
        "registry_entry",
        ["issuing_organisation_id", "state", "valid_until"],
        unique=False,
    )
    op.create_index("ix_registry_entry_name", "registry_entry", ["holder_name"], unique=False)
    op.create_index(
        op.f("ix_registry_entry_occupation_code"), "registry_entry", ["occupation_code"], unique=False
    )
    op.create_index(op.f("ix_registry_entry_person_id"), "registry_entry", ["person_id"], unique=False)
    op.create_index(op.f("ix_registry_entry_valid_until"), "registry_entry", ["valid_until"], unique=False)

    for table in APPEND_ONLY:
        _refuse_changes(table)


def downgrade() -> None:
    op.drop_index(op.f("ix_registry_entry_valid_until"), table_name="registry_entry")
    op.drop_index(op.f("ix_registry_entry_person_id"), table_name="registry_entry")
    op.drop_index(op.f("ix_registry_entry_occupation_code"), table_name="registry_entry")
    op.drop_index("ix_registry_entry_name", table_name="registry_entry")
    op.drop_index("ix_registry_entry_list", table_name="registry_entry")
    op.drop_table("registry_entry")
    op.drop_table("answer_revision")
    op.drop_index("ix_study_beat_person", table_name="study_beat")
    op.drop_table("study_beat")
    op.drop_index(
        "uq_review_decision_step",
        table_name="review_decision",
        sqlite_where=sa.text("decision = 'approve'"),
        postgresql_where=sa.text("decision = 'approve'"),
    )
    op.drop_index(
        "uq_review_decision_eyes",
        table_name="review_decision",
        sqlite_where=sa.text("decision = 'approve'"),
        postgresql_where=sa.text("decision = 'approve'"),
    )
    op.drop_index(op.f("ix_review_decision_actor_id"), table_name="review_decision")
    op.drop_table("review_decision")
    op.drop_index(op.f("ix_evidence_file_application_id"), table_name="evidence_file")
    op.drop_table("evidence_file")
    op.drop_index("uq_certificate_sequence", table_name="certificate")
    op.drop_index(
        "uq_certificate_live",
        table_name="certificate",
        sqlite_where=sa.text("state IN ('pending', 'issued')"),
        postgresql_where=sa.text("state IN ('pending', 'issued')"),
    )
    op.drop_index(op.f("ix_certificate_person_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_issuing_organisation_id"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_id_number_index"), table_name="certificate")
    op.drop_table("certificate")
    op.drop_index(
        "uq_attempt_open",
        table_name="attempt",
        sqlite_where=sa.text("state = 'in_progress'"),
        postgresql_where=sa.text("state = 'in_progress'"),
    )
    op.drop_index(
        "uq_attempt_number",
        table_name="attempt",
        sqlite_where=sa.text("state <> 'voided'"),
        postgresql_where=sa.text("state <> 'voided'"),
    )
    op.drop_index(op.f("ix_attempt_plan_id"), table_name="attempt")
    op.drop_index(
        "ix_attempt_deadline",
        table_name="attempt",
        sqlite_where=sa.text("state = 'in_progress'"),
        postgresql_where=sa.text("state = 'in_progress'"),
    )
    op.drop_index(op.f("ix_attempt_application_id"), table_name="attempt")
    op.drop_table("attempt")
    op.drop_index("uq_application_stage_position", table_name="application_stage")
    op.drop_table("application_stage")
    op.drop_index(
        "uq_study_session_open",
        table_name="study_session",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_study_session_person", table_name="study_session")
    op.drop_table("study_session")
    op.drop_index(
        "ix_study_progress_check",
        table_name="study_progress",
        sqlite_where=sa.text("check_id IS NOT NULL"),
        postgresql_where=sa.text("check_id IS NOT NULL"),
    )
    op.drop_table("study_progress")
    op.drop_index("ix_question_version_fingerprint", table_name="question_version")
    op.drop_table("question_version")
    op.drop_index("uq_plan_stage_position", table_name="plan_stage")
    op.drop_table("plan_stage")
    op.drop_table("plan_occupation")
    op.drop_index(op.f("ix_paper_plan_id"), table_name="paper")
    op.drop_table("paper")
    op.drop_table("lesson_coverage")
    op.drop_table("credit_window")
    op.drop_index(
        "uq_application_person_plan",
        table_name="application",
        sqlite_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
    )
    op.drop_index(
        "uq_application_live_occupation",
        table_name="application",
        sqlite_where=sa.text("outcome IS NULL AND state NOT IN ('rejected', 'withdrawn')"),
        postgresql_where=sa.text("outcome IS NULL AND state NOT IN ('rejected', 'withdrawn')"),
    )
    op.drop_index(op.f("ix_application_plan_id"), table_name="application")
    op.drop_index(op.f("ix_application_person_id"), table_name="application")
    op.drop_index("ix_application_inbox", table_name="application")
    op.drop_table("application")
    op.drop_index("ix_state_log_subject", table_name="state_log")
    op.drop_table("state_log")
    op.drop_index(
        "uq_role_grant_live",
        table_name="role_grant",
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index(op.f("ix_role_grant_person_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(op.f("ix_recovery_token_person_id"), table_name="recovery_token")
    op.drop_table("recovery_token")
    op.drop_index(
        "uq_question_item_live",
        table_name="question_item",
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.drop_index(op.f("ix_question_item_import_batch_id"), table_name="question_item")
    op.drop_index(op.f("ix_question_item_fingerprint"), table_name="question_item")
    op.drop_index("ix_question_item_filter", table_name="question_item")
    op.drop_index(op.f("ix_question_item_created_at"), table_name="question_item")
    op.drop_table("question_item")
    op.drop_table("profile")
    op.drop_index(op.f("ix_plan_state"), table_name="plan")
    op.drop_index(op.f("ix_plan_issuer_organisation_id"), table_name="plan")
    op.drop_table("plan")
    op.drop_index(op.f("ix_login_session_person_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_table("lesson")
    op.drop_index(op.f("ix_consent_person_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_table("audit_seal")
    op.drop_table("verification_lookup")
    op.drop_index(op.f("ix_sign_in_failure_key"), table_name="sign_in_failure")
    op.drop_index(op.f("ix_sign_in_failure_at"), table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
    op.drop_table("plan_number_sequence")
    op.drop_table("person")
    op.drop_table("periodic_slot")
    op.drop_index(
        "ix_outbox_job_waiting",
        table_name="outbox_job",
        sqlite_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.drop_table("outbox_job")
    op.drop_index("ix_organisation_path", table_name="organisation")
    op.drop_index(op.f("ix_organisation_parent_id"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_table("number_sequence")
    op.drop_index(op.f("ix_import_batch_created_at"), table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_table("course")
    op.drop_table("blueprint")
    op.drop_index(op.f("ix_audit_event_subject_id"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_at"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_actor_id"), table_name="audit_event")
    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
