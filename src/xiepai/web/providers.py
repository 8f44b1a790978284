"""Third-party sign-in as China uses it: a WeChat person is known by unionid, the same in all of a company's apps."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.weixin.provider import WeixinProvider


class WeixinByUnionId(WeixinProvider):
    """WeChat's web sign-in. An answer without unionid is refused: an openid changes with the app."""

    name = "微信"

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The unionid."""
        if not data.get("unionid"):
            raise OAuth2Error("WeChat sent no unionid: bind the app to an open-platform account")
        return str(data["unionid"])
