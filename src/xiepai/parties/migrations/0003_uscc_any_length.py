"""A registration number of a wrong length is warned about, never refused: the column takes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_audit")]
    operations = [
        migrations.AlterField(
            model_name="organisation",
            name="uscc",
            field=models.CharField(blank=True, max_length=40, verbose_name="统一社会信用代码"),
        ),
    ]
