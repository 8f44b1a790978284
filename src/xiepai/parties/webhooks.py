"""What each chat service wants to be sent, and how it wants it signed. No database, no queue.

DingTalk signs ``timestamp\\nsecret`` with the secret as key; Feishu signs nothing with
``timestamp\\nsecret`` as key; WeCom has no signature. Addresses are limited to the services' own hosts
(and those the installation names), so that a channel cannot be pointed into the city's network.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from django.conf import settings

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.models_notices import ChannelKind

HOSTS = {
    ChannelKind.WECOM: {"qyapi.weixin.qq.com"},
    ChannelKind.DINGTALK: {"oapi.dingtalk.com"},
    ChannelKind.FEISHU: {"open.feishu.cn", "open.larksuite.com"},
}
SECONDS = 10


@dataclass(frozen=True, slots=True)
class Post:
    """One request to a chat service."""

    url: str
    body: dict[str, Any]


def check_address(kind: str, url: str) -> None:
    """Refuse an address that is not the service's own (or named in XIEPAI_WEBHOOK_HOSTS)."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    own = parts.scheme == "https" and parts.hostname in HOSTS[ChannelKind(kind)]
    if not (own or host in settings.WEBHOOK_HOSTS):
        raise XiepaiError(ErrorCode.INVALID, detail=host or url[:80])


def compose(kind: str, url: str, secret: str, text: str, *, at_seconds: int) -> Post:
    """The request that posts *text*, signed where a secret is set."""
    if kind == ChannelKind.FEISHU:
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret:
            key = f"{at_seconds}\n{secret}"
            body |= {"timestamp": str(at_seconds), "sign": _signature(key, "")}
        return Post(url, body)
    body = {"msgtype": "text", "text": {"content": text}}
    if kind == ChannelKind.DINGTALK and secret:
        stamp = at_seconds * 1000
        query = urlencode({"timestamp": stamp, "sign": _signature(secret, f"{stamp}\n{secret}")})
        return Post(f"{url}{'&' if '?' in url else '?'}{query}", body)
    return Post(url, body)


def deliver(kind: str, post: Post) -> None:
    """Send it; redirects are not followed. A refusal of the service raises ``RuntimeError`` with its words."""
    answer = requests.post(post.url, json=post.body, timeout=SECONDS, allow_redirects=False)
    if answer.status_code != 200:
        raise RuntimeError(f"HTTP {answer.status_code}")
    data = answer.json()
    code = data.get("code", data.get("StatusCode", data.get("errcode", 0)))
    if code != 0:
        raise RuntimeError(f"{code}: {data.get('msg') or data.get('errmsg') or ''}")


def _signature(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()
