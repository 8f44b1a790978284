"""An index that very many hits are counted on without touching the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("places", "0003_blocking_external")]
    operations = [
        migrations.AddIndex(
            model_name="place",
            index=models.Index(
                fields=["visibility", "id"],
                include=("owner", "town", "setting", "terms", "sound", "kind", "people_max", "is_bookable"),
                name="place_narrow",
            ),
        ),
    ]
