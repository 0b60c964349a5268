"""How long the desk keeps the words of messages: rules in versions, a register."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0013_retention_history_triggers"),
        ("channels", "0012_messages_with_words"),
        ("moderation", "0014_learned_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Purge",
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
                ("run_at", models.DateTimeField(verbose_name="begun")),
                ("before", models.DateTimeField(verbose_name="settled before")),
                (
                    "done_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="done"
                    ),
                ),
                ("messages", models.PositiveIntegerField(verbose_name="messages")),
                ("versions", models.PositiveIntegerField(verbose_name="versions")),
                ("findings", models.PositiveIntegerField(verbose_name="findings")),
                ("files", models.PositiveIntegerField(verbose_name="files")),
                ("drafts", models.PositiveIntegerField(verbose_name="drafts")),
                ("reports", models.PositiveIntegerField(verbose_name="reports")),
                ("notes", models.PositiveIntegerField(verbose_name="notes")),
                ("xact", models.BigIntegerField(default=0, editable=False)),
            ],
            options={
                "verbose_name": "emptying of messages",
                "verbose_name_plural": "emptyings of messages",
                "ordering": ["-run_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PurgeRule",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("comment", "Comments that stand"),
                            ("taken_down", "Comments that we hid or removed"),
                            ("dm", "Direct messages"),
                        ],
                        max_length=12,
                        verbose_name="messages",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(600),
                        ],
                        verbose_name="months",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="begins")),
                ("basis", models.CharField(max_length=300, verbose_name="decision")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("confirmed", "Confirmed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="proposed at"
                    ),
                ),
                (
                    "settled_at",
                    models.DateTimeField(null=True, verbose_name="settled at"),
                ),
                ("foreseen", models.JSONField(default=dict)),
                (
                    "stopped_at",
                    models.DateTimeField(null=True, verbose_name="stopped at"),
                ),
                (
                    "stopped_for",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="why it was stopped"
                    ),
                ),
            ],
            options={
                "verbose_name": "rule for messages",
                "verbose_name_plural": "rules for messages",
                "ordering": ["kind", "-number"],
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["hidden", "removed"])),
                fields=["opened_at", "id"],
                name="case_taken_down",
            ),
        ),
        migrations.AddField(
            model_name="purgerule",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="purgerule",
            name="settled_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="purgerule",
            name="stopped_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="purge",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="purges",
                to="moderation.purgerule",
            ),
        ),
        migrations.AddConstraint(
            model_name="purgerule",
            constraint=models.UniqueConstraint(
                fields=("kind", "number"), name="purge_rule_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="purgerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("months", None), ("months__range", (1, 600)), _connector="OR"
                ),
                name="purge_rule_months_within_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="purgerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settled_at", None),
                        ("settled_by", None),
                        ("state", "proposed"),
                    ),
                    models.Q(
                        models.Q(("state", "proposed"), _negated=True),
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="purge_rule_settled_by_somebody_sometime",
            ),
        ),
        migrations.AddConstraint(
            model_name="purgerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "confirmed"), _negated=True),
                    models.Q(("settled_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="purge_rule_confirmed_by_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="purgerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("stopped_at", None), ("stopped_by", None), ("stopped_for", "")
                    ),
                    models.Q(
                        ("state", "confirmed"),
                        ("stopped_at__isnull", False),
                        ("stopped_by__isnull", False),
                        models.Q(("stopped_for", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="purge_rule_stopped_by_somebody_sometime_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="purgerule",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis", ""), _negated=True),
                name="purge_rule_has_a_decision",
            ),
        ),
        migrations.AddIndex(
            model_name="purge",
            index=models.Index(fields=["-run_at", "-id"], name="purge_newest"),
        ),
        migrations.AddIndex(
            model_name="purge",
            index=models.Index(fields=["xact"], name="purge_of_transaction"),
        ),
        migrations.AddConstraint(
            model_name="purge",
            constraint=models.CheckConstraint(
                condition=models.Q(("messages__gte", 1)), name="purge_of_some_messages"
            ),
        ),
    ]
