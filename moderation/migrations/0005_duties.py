"""What a message is taken for, what it owes and how each duty was met."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0007_retention_triggers"),
        ("channels", "0002_triggers"),
        ("moderation", "0004_team"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
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
                ("kinds", models.JSONField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("accepted", "as proposed"),
                            ("corrected", "corrected"),
                            ("given", "without a proposal"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmed kinds",
                "verbose_name_plural": "confirmed kinds",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="DeadlineChange",
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
                ("was_due_at", models.DateTimeField(verbose_name="was due")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "corrected deadline",
                "verbose_name_plural": "corrected deadlines",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="DutyPart",
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
                    "part",
                    models.CharField(
                        choices=[
                            ("notice", "the sender is told"),
                            ("referral", "passed on to the right unit"),
                            ("record", "sealed in the archive"),
                        ],
                        max_length=10,
                        verbose_name="part",
                    ),
                ),
                ("how", models.CharField(max_length=20)),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a duty",
                "verbose_name_plural": "parts of duties",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
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
                ("kinds", models.JSONField()),
                ("duties", models.JSONField(default=list)),
                ("engine", models.CharField(max_length=60)),
                (
                    "made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="made"
                    ),
                ),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="duty",
            name="moved_to",
            field=models.CharField(
                blank=True,
                choices=[
                    ("opens", "to when the office opens"),
                    ("closes", "to when the office closes"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="note",
            field=models.TextField(blank=True, verbose_name="note"),
        ),
        migrations.AddField(
            model_name="duty",
            name="record",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="archive.record",
                verbose_name="record",
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="since",
            field=models.DateTimeField(
                default=django.utils.timezone.now, verbose_name="counted from"
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="target_hours",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="duty",
            name="waived_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("among_others", "a talk between others"),
                    ("nothing_asked", "nothing is asked"),
                    ("answered", "answered already in the same thread"),
                    ("repeated", "the same sender has asked the same before"),
                    ("withdrawn", "the sender has taken it away"),
                    ("enough_said", "the dialogue has gone on long enough"),
                    ("thanked", "thanked already in the same thread"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="duty",
            name="kind",
            field=models.CharField(
                choices=[
                    ("thank", "thank"),
                    ("answer", "answer"),
                    ("correct", "correct the facts"),
                    ("refer", "refer"),
                    ("document", "document"),
                    ("register", "register"),
                    ("review", "decide on what was found"),
                    ("report", "decide on a report"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="duty",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("met", "met"),
                    ("waived", "waived"),
                    ("lifted", "no longer owed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["kind", "case"],
                name="duty_open_of_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("outcome", "waived"),
                        models.Q(("waived_for", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("outcome", "waived"), _negated=True),
                        ("waived_for", ""),
                    ),
                    _connector="OR",
                ),
                name="duty_waived_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["correct", "document", "register", "review", "report"],
                    ),
                    ("outcome", "waived"),
                    _negated=True,
                ),
                name="duty_that_cannot_be_waived",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="confirmations",
                to="moderation.case",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="mandate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="channels.mandate",
            ),
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="duty",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deadline_changes",
                to="moderation.duty",
            ),
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="mandate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="channels.mandate",
            ),
        ),
        migrations.AddField(
            model_name="dutypart",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dutypart",
            name="duty",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="moderation.duty",
            ),
        ),
        migrations.AddField(
            model_name="dutypart",
            name="record",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="archive.record",
                verbose_name="record",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="moderation.case",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="channels.version",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="proposal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="confirmations",
                to="moderation.proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadlinechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="deadline_corrected_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutypart",
            constraint=models.UniqueConstraint(
                fields=("duty", "part"), name="part_done_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dutypart",
            constraint=models.CheckConstraint(
                condition=models.Q(("part", "record"), ("record", None), _negated=True),
                name="record_part_names_its_record",
            ),
        ),
        migrations.AddIndex(
            model_name="confirmation",
            index=models.Index(fields=["-at", "-id"], name="confirmation_newest"),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "given"), ("proposal", None)),
                    models.Q(
                        ("outcome__in", ["accepted", "corrected"]),
                        ("proposal__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="confirmed_against_a_proposal_or_none",
            ),
        ),
    ]
