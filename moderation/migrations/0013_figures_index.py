"""The figures walk the duties of a time by their deadlines."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0012_outside_triggers"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(fields=["due_at"], name="duty_by_deadline"),
        ),
    ]
