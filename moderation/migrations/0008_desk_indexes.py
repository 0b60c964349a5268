"""The paths by which the desk finds what it is narrowed to."""

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models import Q

DUE = Q(due_at__isnull=False)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0007_desk")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["channel", "due_at", "id"],
                name="case_due_found",
                condition=Q(due_at__isnull=False, state="new", findings_count__gt=0),
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["channel", "due_at", "id"],
                name="case_due_reported",
                condition=Q(due_at__isnull=False, state="new", reports_count__gt=0),
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["language", "due_at", "id"],
                name="case_due_in_language",
                condition=DUE,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["rules"], name="case_due_under_rule", condition=DUE
            ),
        ),
    ]
