"""What the desk is narrowed by, saved views, and acts that were taken back."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

TRIGGERS = """
CREATE TRIGGER moderation_undoing_only_grows BEFORE UPDATE OR DELETE
    ON moderation_undoing
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
CREATE TRIGGER moderation_undoing_is_not_emptied BEFORE TRUNCATE ON moderation_undoing
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_only_grows();
"""
NO_TRIGGERS = """
DROP TRIGGER moderation_undoing_is_not_emptied ON moderation_undoing;
DROP TRIGGER moderation_undoing_only_grows ON moderation_undoing;
"""

# What is due already can be narrowed by its rules too: those found in its newest text.
RULES = """
UPDATE moderation_case c SET rules = found.codes
FROM (
    SELECT f.case_id, array_agg(DISTINCT r.code ORDER BY r.code) AS codes
    FROM moderation_finding f
    JOIN moderation_case due ON due.id = f.case_id AND due.due_at IS NOT NULL
    JOIN channels_message m ON m.id = due.message_id
    JOIN channels_version v ON v.id = f.version_id AND v.number = m.versions_count
    JOIN policies_ruleversion rv ON rv.id = f.rule_version_id
    JOIN policies_rule r ON r.id = rv.rule_id
    GROUP BY f.case_id
) found
WHERE found.case_id = c.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0003_taken_back"),
        ("moderation", "0006_duties_triggers"),
        ("policies", "0003_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="language",
            field=models.CharField(
                blank=True, db_default="", max_length=5, verbose_name="language"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="rules",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="decision",
            name="was",
            field=models.CharField(blank=True, db_default="", max_length=10),
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("filters", models.CharField(max_length=300)),
                ("is_default", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["owner", "name"], name="saved_view_name_once"
                    ),
                    models.UniqueConstraint(
                        fields=["owner"],
                        condition=Q(is_default=True),
                        name="one_saved_view_opens_the_desk",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Undoing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("reopened", models.JSONField(blank=True, default=list)),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undoings",
                        to="moderation.case",
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undoing",
                        to="moderation.decision",
                    ),
                ),
                (
                    "mandate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="channels.mandate",
                    ),
                ),
                (
                    "reply",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undoing",
                        to="moderation.reply",
                    ),
                ),
            ],
            options={
                "verbose_name": "undoing",
                "verbose_name_plural": "undoings",
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        name="undoing_is_of_one_act",
                        condition=Q(decision__isnull=False, reply=None)
                        | Q(decision=None, reply__isnull=False),
                    ),
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
