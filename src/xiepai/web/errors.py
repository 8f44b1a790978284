"""Refusals and faults as pages: what happened, what to do next, and the number to quote.

An htmx request gets a fragment with the same status, which the page shows as an alert.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiepai.kernel.errors import ErrorCode, XiepaiError

TITLES: dict[int, str | Promise] = {
    400: gettext_lazy("请求有误"),
    401: gettext_lazy("请先登录"),
    403: gettext_lazy("没有权限"),
    404: gettext_lazy("没有找到这个页面"),
    405: gettext_lazy("这里不能这样操作"),
    409: gettext_lazy("情况刚刚有变"),
    413: gettext_lazy("文件太大"),
    415: gettext_lazy("不支持这种文件"),
    422: gettext_lazy("内容有误"),
    429: gettext_lazy("操作太频繁"),
    500: gettext_lazy("系统出错了"),
    503: gettext_lazy("系统正忙"),
}


def page(request: HttpRequest, status: int, detail: str = "", hint: str = "") -> HttpResponse:
    """The page (or fragment) for a status."""
    context = {
        "status": status,
        "title": TITLES.get(status, TITLES[500]),
        "detail": detail,
        "hint": hint,
        "request_id": getattr(request, "request_id", ""),
        # without an actor, or after a fault, the page must not ask the database for anything
        "is_plain": status == 500 or not hasattr(request, "user"),
    }
    template = "errors/fragment.html" if getattr(request, "htmx", False) else "errors/page.html"
    return render(request, template, context, status=status)


def refusal(request: HttpRequest, error: XiepaiError) -> HttpResponse:
    """A domain's refusal."""
    if error.code is ErrorCode.NOT_FOUND:
        return not_found(request)
    answer = page(request, error.http_status, str(error))
    if error.code is ErrorCode.RATE_LIMITED:
        answer["Retry-After"] = str(error.data.get("seconds", 60))
    return answer


def forbidden(request: HttpRequest, roles: Sequence[str]) -> HttpResponse:
    """The door is for other roles; they are named, what is behind it is not."""
    needed = _("需要的角色：%(roles)s。") % {"roles": _("、").join(roles)} if roles else ""
    return page(request, 403, needed, _("如果这是您的工作，请让机构的管理员给您加上角色。"))


def busy(request: HttpRequest) -> HttpResponse:
    """The database could not answer in time; nothing was changed."""
    answer = page(request, 503, _("什么都没有改动。"), _("请过几秒再试一次。"))
    answer["Retry-After"] = "5"
    return answer


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return page(request, 400, _("浏览器发来的内容无法读取。"), _("请返回上一页再试。"))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return forbidden(request, [])


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404; also what another organisation's row looks like."""
    hint = _("地址可能有误，内容可能已移走，或者它不属于您的机构。")
    return page(request, 404, "", hint)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: no database, no session, nothing that could fail again."""
    return page(request, 500, "", _("我们已记下这个错误。请稍后再试；再次出现时，请把下面的编号告诉我们。"))


def csrf_failure(request: HttpRequest, reason: str = "", **_kwargs: Any) -> HttpResponse:
    """A form from another page, or one that lay open too long."""
    return page(request, 403, _("表单已失效，什么都没有提交。"), _("请返回上一页，刷新后再提交一次。"))
