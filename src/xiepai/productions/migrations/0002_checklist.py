"""A fresh installation begins with the checklist known of the field; an empty one would let every work pass."""

import tomllib
from importlib.resources import files

from django.db import migrations

COLUMNS = (
    "code",
    "zh",
    "en",
    "issuer_zh",
    "issuer_en",
    "required_when",
    "needed_by",
    "per_piece",
    "guidance_zh",
    "guidance_en",
    "source_grade",
    "source",
    "standing",
)


def add_kinds(apps, schema_editor):
    kinds = tomllib.loads(files("xiepai.productions").joinpath("paper_kinds.toml").read_text(encoding="utf-8"))["kinds"]
    model = apps.get_model("productions", "PaperKind")
    model.objects.bulk_create(
        model(position=10 * at, **{column: kind[column] for column in COLUMNS if column in kind})
        for at, kind in enumerate(kinds, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("productions", "0001_initial")]
    operations = [migrations.RunPython(add_kinds, migrations.RunPython.noop)]
