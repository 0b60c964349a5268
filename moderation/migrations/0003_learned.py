"""What was learned from decisions is kept as it was; findings are counted by entry."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER moderation_learnedmodel_only_grows
    BEFORE UPDATE OR DELETE ON moderation_learnedmodel
    FOR EACH ROW EXECUTE FUNCTION moderation_only_grows();
CREATE TRIGGER moderation_learnedmodel_is_not_emptied
    BEFORE TRUNCATE ON moderation_learnedmodel
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_only_grows();
"""

BACKWARD = """
DROP TRIGGER moderation_learnedmodel_is_not_emptied ON moderation_learnedmodel;
DROP TRIGGER moderation_learnedmodel_only_grows ON moderation_learnedmodel;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0002_triggers"),
        ("moderation", "0002_triggers"),
        ("policies", "0003_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LearnedModel",
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
                ("model", models.BinaryField()),
                ("version", models.CharField(max_length=20, verbose_name="version")),
                ("training_set", models.CharField(max_length=64)),
                ("decisions", models.PositiveIntegerField(verbose_name="decisions")),
                (
                    "of_class",
                    models.PositiveIntegerField(verbose_name="of them under the rule"),
                ),
                ("figures", models.JSONField(verbose_name="figures")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="trained"
                    ),
                ),
            ],
            options={
                "verbose_name": "learned ranking",
                "verbose_name_plural": "learned rankings",
                "ordering": ["rule", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["entry", "case"], name="finding_of_entry"),
        ),
        migrations.AddField(
            model_name="learnedmodel",
            name="asked_for_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AddField(
            model_name="learnedmodel",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policies.rule",
                verbose_name="rule",
            ),
        ),
        migrations.AddIndex(
            model_name="learnedmodel",
            index=models.Index(fields=["rule", "-id"], name="learned_newest"),
        ),
        migrations.AddConstraint(
            model_name="learnedmodel",
            constraint=models.CheckConstraint(
                condition=models.Q(("training_set__regex", "^[0-9a-f]{64}$")),
                name="learned_model_names_its_training_set",
            ),
        ),
        migrations.AddConstraint(
            model_name="learnedmodel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decisions__gt", models.F("of_class")), ("of_class__gte", 1)
                ),
                name="learned_model_of_some_decisions",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
