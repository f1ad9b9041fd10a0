"""What can be done with people, organisations and roles: the verbs, by noun."""

from lms.accounts.service.languages import choose_language
from lms.accounts.service.organisations import create_organisation, ensure_province
from lms.accounts.service.profiles import (
    ID_NUMBER_SEAL,
    ProfileInput,
    allow_correction,
    give_consents,
    lock_identity,
    name_workplace,
    profile_differs,
    profile_faults,
    release_identity,
    reveal_id_number,
    save_photo,
    save_profile,
)
from lms.accounts.service.recovery import (
    RECOVERY_SEAL,
    hand_recovery,
    handing_reasons,
    recovering_login_name,
    recovery_reasons,
    redeem_recovery,
    request_recovery,
)
from lms.accounts.service.registration import (
    create_staff,
    enter_holders,
    register_person,
    registration_faults,
)
from lms.accounts.service.retention import sweep_spent
from lms.accounts.service.roles import disable_person, enable_person, grant_role, revoke_role
from lms.accounts.service.sessions import (
    change_password,
    cut_session,
    end_other_sessions,
    end_session,
    forget_device_marks,
    open_session,
)
from lms.accounts.service.tries import (
    forgive_failures,
    forgive_try,
    note_failure,
    take_change_try,
    take_recovery_try,
    take_try,
)

__all__ = [
    "ID_NUMBER_SEAL",
    "RECOVERY_SEAL",
    "ProfileInput",
    "allow_correction",
    "change_password",
    "choose_language",
    "create_organisation",
    "create_staff",
    "cut_session",
    "disable_person",
    "enable_person",
    "end_other_sessions",
    "end_session",
    "ensure_province",
    "enter_holders",
    "forget_device_marks",
    "forgive_failures",
    "forgive_try",
    "give_consents",
    "grant_role",
    "hand_recovery",
    "handing_reasons",
    "lock_identity",
    "name_workplace",
    "note_failure",
    "open_session",
    "profile_differs",
    "profile_faults",
    "recovering_login_name",
    "recovery_reasons",
    "redeem_recovery",
    "register_person",
    "registration_faults",
    "release_identity",
    "request_recovery",
    "reveal_id_number",
    "revoke_role",
    "save_photo",
    "save_profile",
    "sweep_spent",
    "take_change_try",
    "take_recovery_try",
    "take_try",
]
