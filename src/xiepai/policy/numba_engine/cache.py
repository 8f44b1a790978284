"""Compiled stages, kept between runs: a text is a module in the cache folder, its machine code lies beside it.

The file's name is the digest of its text and its text is compared before it is imported, so a policy changed by one
figure is another module. The folder belongs to the user alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType


def folder() -> Path:
    """Where compiled policies are kept: ``~/.cache/xiepai/policy``."""
    return Path.home() / ".cache" / "xiepai" / "policy"


@lru_cache(maxsize=256)
def module(text: str) -> ModuleType:
    """The module of a text, compiled on first call of its functions or found compiled."""
    name = "xiepai_policy_" + hashlib.sha256(text.encode()).hexdigest()[:24]
    home = folder()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / f"{name}.py"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # noqa: S101 - a path that ends in .py has a loader
    assert spec.loader is not None  # noqa: S101
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found
