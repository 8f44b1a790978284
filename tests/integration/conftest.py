"""What the tests of shooting plans begin with: a drama of six scenes in December, and its scheduler signed in.

A test that wants another drama has a fixture of that name of its own.
"""

from __future__ import annotations

import pytest
from django.test import Client
from tests.drama import Drama, make_drama
from tests.studio import december

from xiepai.parties.models import Person


@pytest.fixture
def drama() -> Drama:
    with december():
        return make_drama(6)


@pytest.fixture
def http(drama: Drama) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=drama.actor.person_id))
    return client
