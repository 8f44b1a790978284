"""The demo year of grants: every state, samples only, the journal whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from xiepai.grants.demo import load_year
from xiepai.grants.models import Application
from xiepai.productions.demo import load_works

pytestmark = pytest.mark.django_db


def test_it(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    call_command("load_demo_city", verbosity=0)
    load_works()
    import time
    t=time.process_time(); w=time.time()
    made = load_year()
    print(made, time.process_time()-t, time.time()-w)
    print(Counter(Application.objects.values_list("state", flat=True)))
    assert 0
