"""What a message's likeness to earlier breaches is, and the way to the likeliest."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("moderation", "0016_purging_triggers")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="likeness",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["-likeness", "due_at", "id"],
                name="case_due_likeliest",
                condition=Q(due_at__isnull=False),
            ),
        ),
    ]
