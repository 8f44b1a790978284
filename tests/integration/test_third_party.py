"""Third-party sign-in exists only where it is configured; a WeChat person is known by unionid."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.db import connection

from xiepai.web.providers import WeixinByUnionId

LOOK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from xiepai.config import access
from xiepai.config.headers import POLICY
settings.ALLOWED_HOSTS = ["testserver"]
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
names = {}
for name in ("weixin", "dingtalk", "feishu"):
    try:
        names[name] = [reverse(f"{name}_login"), f"{name}_login" in access.PAGES, f"{name}_callback" in access.PAGES]
    except NoReverseMatch:
        names[name] = [None, f"{name}_login" in access.PAGES, f"{name}_callback" in access.PAGES]
page = Client().get("/accounts/login/").content.decode()
print(json.dumps({"names": names, "offers": "用微信登录" in page, "form": POLICY["form-action"]}))
"""


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("configured", [False, True])
def test_a_provider_has_a_url_a_line_and_a_button_when_configured(configured: bool) -> None:
    given = {"XIEPAI_WEIXIN_ID": "wx0000", "XIEPAI_WEIXIN_SECRET": "sample"} if configured else {}
    database = re.sub(r"/[^/?]+(\?|$)", rf"/{connection.settings_dict['NAME']}\1", os.environ["DATABASE_URL"], count=1)
    here = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "xiepai.config.settings", "PYTHONWARNINGS": "ignore"}
    environment = {**os.environ, **here, **given}
    answer = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 0, answer.stderr
    seen: dict[str, Any] = json.loads(answer.stdout)
    assert seen["names"]["weixin"] == (["/accounts/weixin/login/", True, True] if configured else [None, False, False])
    assert seen["names"]["feishu"] == [None, False, False]
    assert seen["offers"] is configured
    assert ("https://open.weixin.qq.com" in seen["form"]) is configured


def test_a_wechat_person_is_the_same_in_every_app() -> None:
    provider = WeixinByUnionId(None, app=SimpleNamespace(provider_id="", client_id="x"))
    assert provider.extract_uid({"openid": "of-this-app", "unionid": "of-the-person"}) == "of-the-person"
    with pytest.raises(OAuth2Error):
        provider.extract_uid({"openid": "of-this-app"})
