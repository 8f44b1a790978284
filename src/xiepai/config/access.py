"""The one access table: every URL and every API operation, and who may use it. What is not here is refused.

The table opens doors by role; which *rows* someone sees behind a door is decided by the domains' access
functions (a row of another organisation is not found). Tests compare the table with the resolver both ways
and try every door with every role.

Always: add the line together with the URL. Never: check a role in a view instead. See ``docs/access.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.conf import settings

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.models import CREW_ROLES, STAFF_ROLES, Role


class Audience(Enum):
    """Whom a rule speaks of before any role is looked at."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed in"
    ROLES = "roles"
    SUPERUSERS = "superusers"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a door. ``writes_on_get`` is the reason why a GET there may write, else empty."""

    audience: Audience
    roles: frozenset[str] = frozenset()
    writes_on_get: str = ""

    def admits(self, actor: Actor, *, is_superuser: bool = False) -> bool:
        """Whether that actor may pass; a superuser opens the technical back door and nothing else more."""
        if self.audience is Audience.EVERYONE:
            return True
        if self.audience is Audience.SUPERUSERS:
            return is_superuser
        if actor.person_id is None and not actor.is_system:
            return False
        return self.audience is Audience.SIGNED_IN or actor.holds(*self.roles)


def only(*roles: str) -> Rule:
    """Whoever holds one of these roles in any organisation."""
    return Rule(Audience.ROLES, frozenset(roles))


PUBLIC = Rule(Audience.EVERYONE)
SIGNED_IN = Rule(Audience.SIGNED_IN)
CREW = only(*CREW_ROLES)
KEEPERS = only(Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR)
OFFICERS = only(Role.OFFICER, Role.ADMINISTRATOR)
OFFICE = only(*STAFF_ROLES)
ADMINISTRATORS = only(Role.ADMINISTRATOR)
PAPER_READERS = only(*CREW_ROLES, *STAFF_ROLES, Role.REVIEWER)
GRANT_READERS = only(Role.OFFICER, Role.ADMINISTRATOR, Role.FINANCE, Role.LEADER)

_SIGNS_IN = "third-party sign-in comes back by GET: it makes the session and, the first time, the account"
_SHOWS_CODES = "django-allauth notes that the recovery codes were seen"

SHELL: dict[str, Rule] = {
    "public:home": PUBLIC,
    "public:places": PUBLIC,
    "public:place": PUBLIC,
    "public:places_export": PUBLIC,
    "public:pins": PUBLIC,
    "public:outline": PUBLIC,
    "public:compare": PUBLIC,
    "public:selections": SIGNED_IN,
    "public:selection": SIGNED_IN,
    "public:selection_change": SIGNED_IN,
    "public:selection_xlsx": SIGNED_IN,
    "public:pick": SIGNED_IN,
    "public:shared": PUBLIC,
    "public:shared_xlsx": PUBLIC,
    "public:how": PUBLIC,
    "public:calculator": PUBLIC,
    "public:estimate_code": PUBLIC,
    "public:estimate_json": PUBLIC,
    "public:estimate_csv": PUBLIC,
    "public:estimate_pdf": PUBLIC,
    "public:policies": PUBLIC,
    "public:programmes": PUBLIC,
    "public:awards": PUBLIC,
    "public:awards_file": PUBLIC,
    "public:award_statistics": PUBLIC,
    "public:award_statistics_file": PUBLIC,
    "public:notices": PUBLIC,
    "public:notice": PUBLIC,
    "public:notice_pdf": PUBLIC,
    "public:notice_csv": PUBLIC,
    "public:notice_object": PUBLIC,
    "public:objection": PUBLIC,
    "public:policy": PUBLIC,
    "public:sitemap": PUBLIC,
    "public:style": PUBLIC,
    "public:theme": PUBLIC,
    "public:health": PUBLIC,
    "public:robots": PUBLIC,
    "public:favicon": PUBLIC,
    "public:media": PUBLIC,
    "public:invitation": PUBLIC,
    "set_language": PUBLIC,
}

ACCOUNT: dict[str, Rule] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_signup": PUBLIC,
    "account_inactive": PUBLIC,
    "account_email_verification_sent": PUBLIC,
    "account_confirm_email": Rule(
        Audience.EVERYONE, writes_on_get="confirming another account's address ends the present session"
    ),
    "account_confirm_login_code": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_reauthenticate": SIGNED_IN,
    "account_email": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_index": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": Rule(Audience.SIGNED_IN, writes_on_get=_SHOWS_CODES),
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": Rule(Audience.SIGNED_IN, writes_on_get=_SHOWS_CODES),
    "socialaccount_login_cancelled": PUBLIC,
    "socialaccount_login_error": PUBLIC,
    "socialaccount_signup": PUBLIC,
    "socialaccount_connections": SIGNED_IN,
    **{f"{name}_login": PUBLIC for name in settings.SOCIALACCOUNT_PROVIDERS},
    **{
        f"{name}_callback": Rule(Audience.EVERYONE, writes_on_get=_SIGNS_IN)
        for name in settings.SOCIALACCOUNT_PROVIDERS
    },
}

PEOPLE: dict[str, Rule] = {
    "people:me": SIGNED_IN,
    "people:notices": SIGNED_IN,
    "people:notices_read": SIGNED_IN,
    "people:calendars": SIGNED_IN,
    "people:calendar_revoke": SIGNED_IN,
    "people:feed": PUBLIC,
    "people:organisations": SIGNED_IN,
    "people:organisation": SIGNED_IN,
    "people:organisation_edit": SIGNED_IN,
    "people:channels": SIGNED_IN,
    "people:channel": SIGNED_IN,
    "people:member_role": SIGNED_IN,
    "people:member_remove": SIGNED_IN,
    "people:invite": SIGNED_IN,
    "people:invitation_revoke": SIGNED_IN,
    "people:token_create": SIGNED_IN,
    "people:token_revoke": SIGNED_IN,
    "people:history": SIGNED_IN,
}

OFFICE_PAGES: dict[str, Rule] = {
    "office:vocabularies": OFFICERS,
    "office:term": OFFICERS,
    "office:emergency_rooms": OFFICERS,
    "office:calendar_days": OFFICERS,
    "office:calendar_day_remove": OFFICERS,
    "office:grants": GRANT_READERS,
    "office:grants_file": GRANT_READERS,
    "office:grants_take": GRANT_READERS,
    "office:grant": GRANT_READERS,
    "office:grant_deed": GRANT_READERS,
    "office:grant_reviews": only(Role.REVIEWER),
    "office:grant_review": only(Role.REVIEWER),
    "office:grant_lists": GRANT_READERS,
    "office:grant_decide": GRANT_READERS,
    "office:grant_fixed": GRANT_READERS,
    "office:grant_list": GRANT_READERS,
    "office:grant_fix": GRANT_READERS,
    "office:grant_sample": GRANT_READERS,
    "office:grant_payments": GRANT_READERS,
    "office:grant_payment_deed": GRANT_READERS,
    "office:grant_prepare": GRANT_READERS,
    "office:grant_batch": GRANT_READERS,
    "office:grant_batch_deed": GRANT_READERS,
    "office:grant_batch_file": GRANT_READERS,
    "office:grant_ledger": GRANT_READERS,
    "office:grant_account": GRANT_READERS,
    "office:grant_account_file": GRANT_READERS,
    "office:grant_owed": GRANT_READERS,
    "office:grant_owed_file": GRANT_READERS,
    "office:grant_programmes": GRANT_READERS,
    "office:grant_programme": GRANT_READERS,
    "office:grant_owed_deed": OFFICERS,
    "office:grant_publish": OFFICERS,
    "office:grant_programme_deed": OFFICERS,
    "office:grant_exclusions": OFFICERS,
    "office:grant_exclusion_lift": OFFICERS,
    "office:notices": OFFICERS,
    "office:notice_new": OFFICERS,
    "office:notice": OFFICERS,
    "office:notice_deed": OFFICERS,
    "office:objection_answer": OFFICERS,
    "office:objection_file": OFFICERS,
    "office:organisations": OFFICE,
    "office:organisations_csv": OFFICE,
    "office:organisation_new": OFFICERS,
    "office:organisation_state": ADMINISTRATORS,
    "office:organisation_cluster": OFFICERS,
}

BOOKERS = only(*CREW_ROLES, Role.OFFICER, Role.ADMINISTRATOR)
CONCERNED = only(*CREW_ROLES, Role.KEEPER, *STAFF_ROLES)
HANDS = only(*CREW_ROLES, Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR)

BOOKING_PAGES: dict[str, Rule] = {
    "crew:bookings": CONCERNED,
    "crew:bookings_file": CONCERNED,
    "crew:booking": CONCERNED,
    "crew:booking_ics": CONCERNED,
    "crew:settlement": CONCERNED,
    "crew:settlements": CREW,
    "crew:settlements_file": CREW,
    "crew:handover_sign": BOOKERS,
    "crew:handover_pictures": HANDS,
    "crew:handover_picture": CONCERNED,
    "crew:claim_answer": BOOKERS,
    "crew:claim_decide": OFFICERS,
    "crew:booking_work": BOOKERS,
    "crew:booking_extra": KEEPERS,
    "crew:booking_claim": KEEPERS,
    "office:settlements": only(Role.KEEPER, *STAFF_ROLES),
    "office:settlements_file": only(Role.KEEPER, *STAFF_ROLES),
    "crew:booking_confirm": BOOKERS,
    "crew:booking_cancel": HANDS,
    "crew:booking_change": HANDS,
    "crew:booking_approve": KEEPERS,
    "crew:booking_decline": KEEPERS,
    "crew:booking_hand_over": KEEPERS,
    "crew:booking_take_back": KEEPERS,
    "crew:booking_no_show": KEEPERS,
    "crew:booking_settle": KEEPERS,
    "crew:hold": BOOKERS,
    "crew:waiting": BOOKERS,
    "crew:needs": BOOKERS,
    "crew:needs_blank": BOOKERS,
    "crew:need_draft": BOOKERS,
    "crew:need_draft_xlsx": BOOKERS,
    "crew:need_draft_pick": BOOKERS,
    "crew:need_draft_use": BOOKERS,
    "crew:need_draft_book": BOOKERS,
    "crew:need_draft_remove": BOOKERS,
    "crew:need_draft_progress": BOOKERS,
    "crew:need_list": only(*CREW_ROLES, *STAFF_ROLES),
    "crew:calls": only(*CREW_ROLES, *STAFF_ROLES),
    "crew:call": only(*CREW_ROLES, *STAFF_ROLES),
    "crew:call_close": BOOKERS,
    "crew:call_take": BOOKERS,
    "office:queue": KEEPERS,
    "office:queue_csv": KEEPERS,
    "office:queue_decide": KEEPERS,
    "office:places": OFFICERS,
    "office:places_csv": OFFICERS,
    "office:places_decide": OFFICERS,
    "office:board": CONCERNED,
    "office:board_export": CONCERNED,
    "office:board_move": only(*CREW_ROLES, Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR),
}

KEEPER_PAGES: dict[str, Rule] = {
    f"keeper:{name}": KEEPERS
    for name in (
        *("home", "export", "new", "place", "photos", "photo", "contacts", "contact_remove"),
        *("structure", "publish", "move", "divide", "retire"),
        *("calendar", "hours", "closed", "block", "unblock", "rules", "outside", "outside_remove"),
        *("tariffs", "tariff_example", "tariff_withdraw"),
        *("imports", "import", "import_decide", "import_errors"),
        *("calls", "call", "offer_withdraw"),
    )
}

TOLD_OF_AWARDS = only(*CREW_ROLES, Role.OFFICER, Role.ADMINISTRATOR, Role.FINANCE, Role.LEADER)
WORK_READERS = only(*CREW_ROLES, *STAFF_ROLES)

WORK_PAGES: dict[str, Rule] = {
    "crew:works": CREW,
    "crew:works_file": CREW,
    "crew:work_new": BOOKERS,
    "crew:work_class": BOOKERS,
    "crew:work": WORK_READERS,
    "crew:work_edit": BOOKERS,
    "crew:work_stage": BOOKERS,
    "crew:work_people": WORK_READERS,
    "crew:work_people_file": WORK_READERS,
    "crew:work_member": BOOKERS,
    "crew:work_member_remove": BOOKERS,
    "crew:scripts": WORK_READERS,
    "crew:script": WORK_READERS,
    "crew:script_correct": BOOKERS,
    "crew:script_merge": BOOKERS,
    "crew:script_confirm": BOOKERS,
    "crew:script_discard": BOOKERS,
    "crew:script_headings": WORK_READERS,
    "crew:script_teach": BOOKERS,
    "crew:script_file": WORK_READERS,
    "crew:breakdown": WORK_READERS,
    "crew:roles": WORK_READERS,
    "crew:story_places": WORK_READERS,
    "crew:scene": WORK_READERS,
    "crew:role": WORK_READERS,
    "crew:story_place": WORK_READERS,
    "crew:work_table": WORK_READERS,
    "crew:plan_table": WORK_READERS,
    "crew:plans": WORK_READERS,
    "crew:plan_compare": WORK_READERS,
    "crew:plan": WORK_READERS,
    "crew:plan_change": BOOKERS,
    "crew:plan_scenario": BOOKERS,
    "crew:plan_settings": WORK_READERS,
    "crew:plan_roles": BOOKERS,
    "crew:plan_wishes": BOOKERS,
    "crew:plan_book": WORK_READERS,
    "crew:plan_solve": BOOKERS,
    "crew:plan_progress": WORK_READERS,
    "crew:plan_stop": BOOKERS,
    "crew:plan_take": BOOKERS,
    "crew:plan_loosen": BOOKERS,
    "crew:plan_why": WORK_READERS,
    "crew:call_sheets": WORK_READERS,
    "crew:call_sheet_new": BOOKERS,
    "crew:call_sheet": WORK_READERS,
    "crew:call_sheet_pdf": WORK_READERS,
    "crew:call_sheet_send": BOOKERS,
    "crew:call_sheet_withdraw": BOOKERS,
    "crew:call_sheet_read": WORK_READERS,
    "crew:call_sheet_wrap": WORK_READERS,
    "crew:call_sheet_link": BOOKERS,
    "crew:call_sheet_copy": PUBLIC,
    "crew:work_papers": WORK_READERS,
    "crew:paper_new": BOOKERS,
    "crew:paper": WORK_READERS,
    "crew:paper_file": WORK_READERS,
    "crew:paper_withdraw": BOOKERS,
    "crew:grants": CREW,
    "crew:grant_answer": CREW,
    "crew:grant_owed": CREW,
    "crew:grant_owed_company": CREW,
    "crew:grant_start": CREW,
    "crew:grant_list": CREW,
    "crew:grant_list_file": CREW,
    "crew:grant": BOOKERS,
    "crew:grant_save": BOOKERS,
    "crew:grant_measures": BOOKERS,
    "crew:grant_copy": BOOKERS,
    "crew:grant_submit": BOOKERS,
    "crew:grant_correct": BOOKERS,
    "crew:grant_withdraw": BOOKERS,
    "crew:grant_object": BOOKERS,
    "crew:grant_attach": BOOKERS,
    "crew:grant_upload": BOOKERS,
    "crew:grant_piece": BOOKERS,
    "crew:grant_upload_finish": BOOKERS,
    "crew:grant_declaration": BOOKERS,
    "crew:grant_paper_form": BOOKERS,
    "crew:grant_decision_letter": TOLD_OF_AWARDS,
    "crew:grant_payment_letter": TOLD_OF_AWARDS,
    "crew:grant_file": PAPER_READERS,
    "crew:grant_picture": PAPER_READERS,
    "crew:grant_evidence_withdraw": BOOKERS,
    "office:works": OFFICE,
    "office:works_file": OFFICE,
    "office:papers": OFFICERS,
    "office:paper_check": OFFICERS,
    "office:paper_kinds": OFFICERS,
    "office:paper_kind_new": OFFICERS,
    "office:paper_kind": OFFICERS,
    "office:paper_kind_state": OFFICERS,
}

PAGES: dict[str, Rule] = {
    **SHELL,
    **ACCOUNT,
    **PEOPLE,
    **OFFICE_PAGES,
    **BOOKING_PAGES,
    **KEEPER_PAGES,
    **WORK_PAGES,
}
"""View name → rule."""

NAMESPACES: dict[str, Rule] = {
    "api": PUBLIC,  # each operation has its own line below
    "admin": Rule(Audience.SUPERUSERS),
}
"""URL namespace → rule, for what brings its own many names; the names need no lines of their own."""

OPERATIONS: dict[str, Rule] = {
    "me": SIGNED_IN,
    "policies_list": PUBLIC,
    "policies_get": PUBLIC,
    "policies_evaluate": PUBLIC,
    "policies_compare": PUBLIC,
    "places_search": PUBLIC,
    "places_geojson": PUBLIC,
    "places_get": PUBLIC,
    "places_free": PUBLIC,
    "places_earliest": PUBLIC,
    "places_quote": PUBLIC,
    "places_block": KEEPERS,
    "places_unblock": KEEPERS,
    "bookings_list": CONCERNED,
    "bookings_get": CONCERNED,
    "bookings_history": CONCERNED,
    "bookings_hold": BOOKERS,
    "bookings_lease": BOOKERS,
    "bookings_bundle": BOOKERS,
    "bookings_keep": BOOKERS,
    "bookings_confirm": BOOKERS,
    "bookings_approve": KEEPERS,
    "bookings_decline": KEEPERS,
    "bookings_cancel": only(*CREW_ROLES, Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR),
    "bookings_change": only(*CREW_ROLES, Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR),
    "works_list": WORK_READERS,
    "works_get": WORK_READERS,
    "works_checklist": WORK_READERS,
    "waiting_list": CONCERNED,
    "waiting_join": BOOKERS,
    "waiting_accept": BOOKERS,
    "waiting_decline": BOOKERS,
    "waiting_withdraw": BOOKERS,
}
"""API operation id → rule; the API asks for each call."""


def check_operation(actor: Actor, operation_id: str) -> None:
    """Refuse an API call the table does not open to the actor; an operation without a line is not found."""
    rule = OPERATIONS.get(operation_id)
    if rule is None:
        raise not_found()
    if rule.admits(actor):
        return
    if actor.person_id is None:
        raise XiepaiError(ErrorCode.SIGN_IN_NEEDED)
    needed = "、".join(str(role.label) for role in Role if role in rule.roles)
    raise XiepaiError(ErrorCode.FORBIDDEN, needed=needed)


def rule_of(view_name: str, namespaces: list[str]) -> Rule | None:
    """The rule for a view, or None: then it is refused."""
    if view_name in PAGES:
        return PAGES[view_name]
    return NAMESPACES.get(namespaces[0]) if namespaces else None


def may_open(actor: Actor, view_name: str) -> bool:
    """Whether a link to that page makes sense for the actor."""
    rule = PAGES.get(view_name)
    return rule is not None and rule.admits(actor)
