"""What narrows an export beside the days of sealing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0015_erasures_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="exportjob",
            name="filters",
            field=models.JSONField(blank=True, default=dict, verbose_name="selection"),
        ),
        migrations.AddField(
            model_name="package",
            name="filters",
            field=models.JSONField(blank=True, default=dict, verbose_name="selection"),
        ),
    ]
