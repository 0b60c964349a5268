"""A register of single fields that were erased by decision."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0013_retention_history_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        size=None,
                        verbose_name="fields",
                    ),
                ),
                (
                    "basis",
                    models.CharField(max_length=300, verbose_name="legal ground"),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("confirmed", "Carried out"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="proposed",
                        max_length=16,
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
                    "proposed_by",
                    models.CharField(max_length=200, verbose_name="proposed by"),
                ),
                (
                    "settled_at",
                    models.DateTimeField(null=True, verbose_name="settled at"),
                ),
                (
                    "settled_by",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="settled by"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erasures",
                        to="archive.record",
                        verbose_name="record",
                    ),
                ),
                (
                    "sealed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="archive.record",
                        verbose_name="sealed decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure of fields",
                "verbose_name_plural": "erasures of fields",
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["-proposed_at", "-id"], name="archive_erasure_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("settled_at", None),
                                ("settled_by", ""),
                                ("state", "proposed"),
                            ),
                            models.Q(
                                models.Q(("state", "proposed"), _negated=True),
                                ("settled_at__isnull", False),
                                models.Q(("settled_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="archive_erasure_settled_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(
                                ("settled_by", models.F("proposed_by")), _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="archive_erasure_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sealed__isnull", False), ("state", "confirmed")),
                            models.Q(
                                models.Q(("state", "confirmed"), _negated=True),
                                ("sealed", None),
                            ),
                            _connector="OR",
                        ),
                        name="archive_erasure_sealed_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("basis", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("fields", []), _negated=True),
                        ),
                        name="archive_erasure_of_something_for_a_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("record",),
                        name="archive_erasure_one_open",
                    ),
                ],
            },
        ),
    ]
