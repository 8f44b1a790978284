"""The checker of evidence: what an installation runs over every file before it is kept.

The setting ``XIEPAI_EVIDENCE_CHECKER`` names a function ``package.module:function`` that takes the bytes, our name for
their type and the file's name, and returns an empty text, or in words why the file must not be kept. The structure
(type by content, whole, no scripts) has been checked before. Refused: keeping a file when the checker fails.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import cast

from django.conf import settings
from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError

Checker = Callable[[bytes, str, str], str]
LONGEST = 80


def structure_only(data: bytes, content_type: str, name: str) -> str:
    """Nothing beyond the structure: what an installation without a scanner has.

    >>> structure_only(b"", "application/pdf", "合同.pdf")
    ''
    """
    return ""


def check_file(data: bytes, content_type: str, name: str) -> str:
    """Run the checker; what it is called, as the file keeps it. Raises ``FILE_UNREADABLE`` with its reason."""
    path = settings.EVIDENCE_CHECKER
    try:
        reason = _checker(path)(data, content_type, name)
    except Exception as error:
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=_("检查程序现在不能用，请稍后再试。")) from error
    if reason:
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=reason[:LONGEST])
    return str(path.rpartition(":")[2])[:LONGEST]


@lru_cache(maxsize=4)
def _checker(path: str) -> Checker:
    module, _sign, name = path.partition(":")
    return cast("Checker", getattr(import_module(module), name))
