"""What of an identifier may be shown to everybody: enough to recognise one's own, not enough to use another's.

>>> mask_code("91320412MA1X2Y3Z4K"), masked("电话13812345678，账号6222021234567890123")
('9132**********3Z4K', '电话138****5678，账号6222***********0123')
"""

from __future__ import annotations

import re

_ID_CARD = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_CREDIT_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{2}\d{6}[0-9A-Z]{10}(?![0-9A-Za-z])")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{12,25}(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")
_MAIL = re.compile(r"\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9.-]+\.[A-Za-z]{2,})")


def mask_code(code: str) -> str:
    """A unified credit code, an identity card or an account number with its middle hidden."""
    text = code.strip()
    if len(text) <= 8:
        return "*" * len(text)
    return f"{text[:4]}{'*' * (len(text) - 8)}{text[-4:]}"


def masked(text: str) -> str:
    """A text with every identifier, phone, account number and mail address in it hidden in part."""
    for pattern in (_ID_CARD, _CREDIT_CODE, _ACCOUNT):
        text = pattern.sub(lambda found: mask_code(found[0]), text)
    text = _PHONE.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}", text)
    return _MAIL.sub(r"\1***@\2", text)
