"""The floors are drawn in pyproject.toml and checked by `lint-imports`; here stands what it cannot say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "xiepai"
CORES = [name for name in ("policy", "planning", "script", "worktime") if (PACKAGE / name / "__init__.py").exists()]
FRAMEWORKS = ("django", "ninja", "psycopg", "psycopg_pool", "procrastinate", "allauth", "jinja2")
ENGINES = ("ortools", "didppy", "duckdb")
FORBIDDEN_FOLDERS = ("common", "utils", "util", "helpers", "base", "misc")


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("xiepai", include_external_packages=True)


@pytest.mark.parametrize("core", CORES)
def test_a_core_reaches_no_framework_not_even_indirectly(core: str) -> None:
    for framework in FRAMEWORKS:
        if framework in graph().modules:
            chain = graph().find_shortest_chain(f"xiepai.{core}", framework, as_packages=True)
            assert chain is None, " -> ".join(chain)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_is_known_to_one_room_and_one_file_a_sub_package_there(engine: str) -> None:
    if engine not in graph().modules:
        return
    importers = sorted(graph().find_modules_that_directly_import(engine))
    assert len({name.split(".")[1] for name in importers}) <= 1, f"{engine} is imported by {importers}"
    sub_packages = [name.split(".")[2] for name in importers]
    if len(set(sub_packages)) > 1:
        assert len(sub_packages) == len(set(sub_packages)), f"{engine} is imported by {importers}"
        assert all(name.rpartition(".")[2].startswith("engine_") for name in importers), importers


def test_no_folder_for_what_has_no_name() -> None:
    found = [path for path in PACKAGE.rglob("*") if path.is_dir() and path.name in FORBIDDEN_FOLDERS]
    assert not found


def test_foreign_keys_point_down_the_floors_and_leave_no_trace_above() -> None:
    """A key to a lower floor names no reverse accessor, or the lower floor would know the upper."""
    from django.apps import apps
    from django.db.models import ForeignKey, ManyToManyField, OneToOneField

    own = [app for app in apps.get_app_configs() if app.name.startswith("xiepai.")]
    for app in own:
        for model in app.get_models():
            for field in model._meta.get_fields():
                if not isinstance(field, ForeignKey | ManyToManyField | OneToOneField):
                    continue
                target = field.related_model._meta.app_config
                if target is app or target not in own:
                    continue
                chain = graph().find_shortest_chain(target.name, app.name, as_packages=True)
                assert chain is None, f"{field} points up: {' -> '.join(chain or ())}"
                assert field.remote_field.hidden, f"{field} needs related_name='+'"
