"""The one error type. A code is part of the API; a text is a translatable template.

The HTTP status of a code is mapped once, at the edge (``web`` and ``api`` ask :func:`http_status`).
A message says what happened and what to do next; it never shows what the reader may not see.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class ErrorCode(StrEnum):
    """Every refusal the system can utter. Codes are never renamed, only added."""

    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    SIGN_IN_NEEDED = "sign_in_needed"
    INVALID = "invalid"
    RATE_LIMITED = "rate_limited"
    CONFLICT = "conflict"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    ISOLATION_LEVEL = "isolation_level"
    FILE_TYPE = "file_type"
    FILE_SIZE = "file_size"
    FILE_UNREADABLE = "file_unreadable"
    FILE_ROWS = "file_rows"
    INVITATION_INVALID = "invitation_invalid"
    ALREADY_MEMBER = "already_member"
    LAST_ADMINISTRATOR = "last_administrator"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - a code, not a secret
    PLACE_NOT_BOOKABLE = "place_not_bookable"
    PLACE_HAS_BOOKINGS = "place_has_bookings"
    PLACE_TREE = "place_tree"
    TARIFF_OVERLAP = "tariff_overlap"
    NO_TARIFF = "no_tariff"
    UNKNOWN_TERM = "unknown_term"
    SLOT_TAKEN = "slot_taken"
    NOT_ENOUGH_UNITS = "not_enough_units"
    BLOCKED = "blocked"
    CLOSED = "closed"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    OFF_STEP = "off_step"
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    IN_THE_PAST = "in_the_past"
    WRONG_STATE = "wrong_state"
    HOLD_EXPIRED = "hold_expired"
    PLACE_CHANGED = "place_changed"
    OFFER_EXPIRED = "offer_expired"
    NOTHING_FITS = "nothing_fits"
    CLAIM_TOO_LATE = "claim_too_late"
    CLAIM_OPEN = "claim_open"
    READING_BACKWARDS = "reading_backwards"
    WORK_STATE = "work_state"
    PAPER_STATE = "paper_state"
    PAPERS_MISSING = "papers_missing"
    MISSING_YEAR = "missing_year"
    POLICY_INVALID = "policy_invalid"
    APPLICATION_STATE = "application_state"
    WINDOW_CLOSED = "window_closed"
    BUDGET_EXCEEDED = "budget_exceeded"
    COMPANY_EXCLUDED = "company_excluded"
    FOUR_EYES = "four_eyes"
    RECUSED = "recused"
    NOT_OWED = "not_owed"
    PAYMENT_STATE = "payment_state"
    ACCOUNT_UNUSABLE = "account_unusable"


_TEXTS: dict[ErrorCode, Any] = {
    ErrorCode.NOT_FOUND: _("没有找到。"),
    ErrorCode.FORBIDDEN: _("您的角色不能做这件事；需要：{needed}。"),
    ErrorCode.SIGN_IN_NEEDED: _("请先登录。"),
    ErrorCode.INVALID: _("内容有误：{detail}"),
    ErrorCode.RATE_LIMITED: _("操作太频繁，请在 {seconds} 秒后再试。"),
    ErrorCode.CONFLICT: _("别人刚刚改过这条记录，请刷新后再试。"),
    ErrorCode.IDEMPOTENCY_MISMATCH: _("同一个幂等键已用于另一份内容，请换一个新键。"),
    ErrorCode.ISOLATION_LEVEL: _("数据库隔离级别必须是 READ COMMITTED，现在是 {level}；预订被拒绝以免重订。"),
    ErrorCode.FILE_TYPE: _("不支持这种文件；可用：{allowed}。"),
    ErrorCode.FILE_SIZE: _("文件太大：{size}，上限 {limit}。"),
    ErrorCode.FILE_UNREADABLE: _("文件无法读取：{detail}"),
    ErrorCode.FILE_ROWS: _("有 {count} 行不能导入，什么都没有写入。"),
    ErrorCode.INVITATION_INVALID: _("邀请无效、已使用或已过期；请向邀请人再要一份。"),
    ErrorCode.ALREADY_MEMBER: _("{name} 已经是成员。"),
    ErrorCode.LAST_ADMINISTRATOR: _("至少要留一名管理员。"),
    ErrorCode.TOKEN_INVALID: _("令牌无效、已撤销或已过期。"),
    ErrorCode.PLACE_NOT_BOOKABLE: _("“{place}”目前不接受预订。"),
    ErrorCode.PLACE_HAS_BOOKINGS: _("“{place}”还有 {count} 个未结束的预订，不能这样改。"),
    ErrorCode.PLACE_TREE: _("场地的上下级关系不成立：{detail}"),
    ErrorCode.TARIFF_OVERLAP: _("这段日期已有价目；请先结束旧价目。"),
    ErrorCode.NO_TARIFF: _("“{place}”在 {day} 没有价目，请联系场地方。"),
    ErrorCode.UNKNOWN_TERM: _("词表“{vocabulary}”里没有“{term}”。"),
    ErrorCode.SLOT_TAKEN: _("“{place}”在 {period} 已被占用。"),
    ErrorCode.NOT_ENOUGH_UNITS: _("“{place}”在 {period} 只剩 {free}，需要 {needed}。"),
    ErrorCode.BLOCKED: _("“{place}”在 {period} 停用：{reason}"),
    ErrorCode.CLOSED: _("“{place}”在 {period} 不开放；开放时间：{hours}。"),
    ErrorCode.TOO_SHORT: _("至少要订 {minimum} 分钟。"),
    ErrorCode.TOO_LONG: _("最多可订 {maximum} 分钟。"),
    ErrorCode.OFF_STEP: _("开始时间须在 {step} 分钟的整格上，例如 {example}。"),
    ErrorCode.TOO_LATE: _("须提前 {lead} 分钟预订；最早可从 {earliest} 开始。"),
    ErrorCode.TOO_EARLY: _("最多提前 {days} 天预订。"),
    ErrorCode.IN_THE_PAST: _("时间已经过去。"),
    ErrorCode.WRONG_STATE: _("预订现在是“{state}”，不能{action}。"),
    ErrorCode.HOLD_EXPIRED: _("预留已于 {expired} 到期。"),
    ErrorCode.PLACE_CHANGED: _("场地的价格或时间刚刚有变，请再看一遍后提交。"),
    ErrorCode.OFFER_EXPIRED: _("候补的答复时间已过，名额已给下一位。"),
    ErrorCode.NOTHING_FITS: _("没有可行的安排；什么都没有预订。"),
    ErrorCode.CLAIM_TOO_LATE: _("索赔须在撤场后 {hours} 小时内提出；期限是 {until}。"),
    ErrorCode.CLAIM_OPEN: _("还有 {count} 项索赔没有了结，不能结算。"),
    ErrorCode.READING_BACKWARDS: _("“{label}”撤场读数 {after} 小于进场读数 {before}。"),
    ErrorCode.WORK_STATE: _("《{work}》现在是“{state}”，不能{action}。"),
    ErrorCode.PAPER_STATE: _("“{paper}”现在是“{state}”，不能{action}。"),
    ErrorCode.MISSING_YEAR: _("还没有 {year} 年的工作日安排；官方通知公布后请协拍办在“工作日历”录入：{page}"),
    ErrorCode.PAPERS_MISSING: _("还不能转到“{state}”，文件不齐：{missing}。"),
    ErrorCode.POLICY_INVALID: _("政策文件不能发布：{reasons}"),
    ErrorCode.APPLICATION_STATE: _("申报 {number} 现在是“{state}”，不能{action}。"),
    ErrorCode.WINDOW_CLOSED: _("“{programme}”现在不受理申报；受理期：{windows}。"),
    ErrorCode.BUDGET_EXCEEDED: _("预算不足：可用 {available}，需要 {needed}。"),
    ErrorCode.COMPANY_EXCLUDED: _("“{company}”在 {since} 起被列入“{kind}”（{source}），不能享受奖补。"),
    ErrorCode.FOUR_EYES: _("这一步须由另一个人完成。"),
    ErrorCode.RECUSED: _("您已回避这件申报，不能经办。"),
    ErrorCode.PAYMENT_STATE: _("拨付 {number} 现在是“{state}”，不能{action}。"),
    ErrorCode.ACCOUNT_UNUSABLE: _("“{company}”没有可用的收款账户：{reason}"),
    ErrorCode.NOT_OWED: _("按现有事实还不能直接发放：{reason}"),
}

_STATUS: dict[ErrorCode, int] = {
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.SIGN_IN_NEEDED: 401,
    ErrorCode.TOKEN_INVALID: 401,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.FILE_SIZE: 413,
    ErrorCode.FILE_TYPE: 415,
    ErrorCode.ISOLATION_LEVEL: 500,
    ErrorCode.CONFLICT: 409,
    ErrorCode.SLOT_TAKEN: 409,
    ErrorCode.NOT_ENOUGH_UNITS: 409,
    ErrorCode.BLOCKED: 409,
    ErrorCode.WRONG_STATE: 409,
    ErrorCode.WORK_STATE: 409,
    ErrorCode.PAPER_STATE: 409,
    ErrorCode.PAPERS_MISSING: 409,
    ErrorCode.MISSING_YEAR: 409,
    ErrorCode.PAYMENT_STATE: 409,
    ErrorCode.ACCOUNT_UNUSABLE: 409,
    ErrorCode.APPLICATION_STATE: 409,
    ErrorCode.WINDOW_CLOSED: 409,
    ErrorCode.BUDGET_EXCEEDED: 409,
    ErrorCode.COMPANY_EXCLUDED: 409,
    ErrorCode.NOT_OWED: 409,
    ErrorCode.FOUR_EYES: 403,
    ErrorCode.RECUSED: 403,
    ErrorCode.HOLD_EXPIRED: 409,
    ErrorCode.PLACE_CHANGED: 409,
    ErrorCode.OFFER_EXPIRED: 409,
    ErrorCode.PLACE_HAS_BOOKINGS: 409,
    ErrorCode.ALREADY_MEMBER: 409,
    ErrorCode.TARIFF_OVERLAP: 409,
}


class XiepaiError(Exception):
    """A refusal: a code, and the data its text is filled with."""

    def __init__(self, code: ErrorCode, **data: Any) -> None:
        super().__init__(code, data)
        self.code = code
        self.data = data

    def __str__(self) -> str:
        try:
            return str(_TEXTS[self.code]).format(**self.data)
        except (KeyError, IndexError):
            return str(_TEXTS[self.code])

    @property
    def http_status(self) -> int:
        """The HTTP status for this refusal (422 where nothing else is said)."""
        return http_status(self.code)


def http_status(code: ErrorCode) -> int:
    """The HTTP status a code maps to, the only place where the two meet."""
    return _STATUS.get(code, 422)


def not_found() -> XiepaiError:
    """What a row of another organisation looks like: nothing."""
    return XiepaiError(ErrorCode.NOT_FOUND)
