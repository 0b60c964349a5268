"""When answers arrived, for the figures."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0008_outside_triggers"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("act", "reply"), ("state", "done")),
                fields=["settled_at"],
                name="delivery_answered",
            ),
        ),
    ]
