"""Writes ``docs/reference.md``: every setting, command and error code, read off the code itself; and beside it the
policy language's error codes and the JSON Schema of its files.

python -m xiepai.config.reference
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import typer

from xiepai.config import boot, env

HOUSE = boot.PACKAGE.parent.parent
PAGE = HOUSE / "docs" / "reference.md"
READERS = {"text", "flag", "number", "words", "folder"}


def settings() -> dict[str, env.Variable]:
    """Every environment variable: those Django's settings read, and those a command reads when it runs."""
    boot.set_up_django()
    from django.conf import settings as django_settings

    _ = django_settings.INSTALLED_APPS  # loads the settings, which declare theirs
    return dict(sorted((_declared_in_source() | env.VARIABLES).items()))


def _declared_in_source() -> dict[str, env.Variable]:
    found = {}
    for path in boot.PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_reader(node.func) and len(node.args) >= 3:
                words = [argument.value for argument in node.args[:3] if isinstance(argument, ast.Constant)]
                if len(words) == 3:
                    found[str(words[0])] = env.Variable(*(str(word) for word in words))
    return found


def _is_reader(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr in READERS
        and isinstance(function.value, ast.Name)
        and function.value.id == "env"
    )


def commands() -> list[tuple[str, str]]:
    """Every command with its options, and what it does."""
    from xiepai.config.cli import app

    return _commands("xiepai", typer.main.get_command(app))


def _commands(prefix: str, group: Any) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            rows += _commands(f"{prefix} {name}", command)
            continue
        shape = " ".join([prefix, name, *(_shape(parameter) for parameter in command.params)])
        rows.append((shape.replace(" --help", ""), command.help or ""))
    return rows


def _shape(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return (parameter.name or "").upper() if parameter.required else f"[{(parameter.name or '').upper()}]"
    return f"[{parameter.opts[-1]}]"


def errors() -> list[tuple[str, int, str]]:
    """Every error code, its HTTP status and its text."""
    from django.utils import translation

    from xiepai.kernel import errors as kernel

    with translation.override("zh-hans"):
        return [(code.value, kernel.http_status(code), str(kernel._TEXTS[code])) for code in kernel.ErrorCode]


def page() -> str:
    """The whole page."""
    parts = [
        "# Reference\n\nWritten by `make reference` from the code; a test compares the two.\n",
        "## Settings\n\nEnvironment variables. An empty default means: not set.\n",
        _table(
            ("Variable", "Default", "Meaning"),
            [(f"`{v.name}`", _code(v.default), v.meaning) for v in settings().values()],
        ),
        "\n## Commands\n",
        _table(("Command", "What it does"), [(f"`{shape}`", words) for shape, words in commands()]),
        "\n## Error codes\n\nThe code is part of the API and never changes; the text follows the reader's language.\n",
        _table(("Code", "HTTP", "Text"), [(f"`{code}`", str(status), words) for code, status, words in errors()]),
    ]
    return "\n".join(parts)


def _code(words: str) -> str:
    return f"`{words}`" if words else ""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def written() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    from xiepai.policy import cures, schema

    return {
        PAGE: page(),
        HOUSE / "docs" / "policy-errors.md": cures.page(),
        HOUSE / "policies" / "policy.schema.json": json.dumps(schema.schema(), ensure_ascii=False, indent=1) + "\n",
    }


def main() -> int:
    """Write the generated files."""
    for path, content in written().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        print(path)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
