"""What is said of accessibility; which permissions the starting groups were given."""

import django.contrib.postgres.fields
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

# What the groups of an installation made before this table was were given at first.
BASELINE = {
    "Communications officer": (
        "channels.propose_channel",
        "channels.view_channel",
        "channels.view_department",
        "moderation.answer_case",
        "moderation.decide_case",
        "moderation.settle_delivery",
        "moderation.view_case",
        "moderation.view_report",
        "policies.view_rule",
    ),
    "Head of department": (
        "channels.propose_channel",
        "channels.view_channel",
        "channels.view_department",
        "channels.view_mandate",
        "channels.add_mandate",
        "channels.change_mandate",
        "moderation.view_case",
        "moderation.view_report",
        "policies.view_rule",
    ),
    "Information chief": (
        "channels.propose_channel",
        "channels.see_every_channel",
        "channels.view_channel",
        "channels.view_department",
        "channels.view_mandate",
        "moderation.add_answertemplate",
        "moderation.add_referraladdress",
        "moderation.change_answertemplate",
        "moderation.change_referraladdress",
        "moderation.settle_delivery",
        "moderation.view_case",
        "moderation.view_report",
        "policies.edit_words",
        "policies.view_rule",
    ),
    "Archivist": (
        "archive.add_disposal",
        "archive.add_hold",
        "archive.add_package",
        "archive.add_recordmarking",
        "archive.add_retentionrule",
        "archive.change_disposal",
        "archive.change_hold",
        "archive.change_retentionrule",
        "archive.delete_retentionrule",
        "archive.handle_disclosures",
        "archive.view_disposal",
        "archive.view_hold",
        "archive.view_record",
        "archive.view_retentionrule",
        "channels.view_channel",
        "policies.view_rule",
    ),
    "Registrar": (
        "archive.add_hold",
        "archive.add_recordmarking",
        "archive.handle_disclosures",
        "archive.view_disposal",
        "archive.view_hold",
        "archive.view_record",
        "channels.view_channel",
        "policies.view_rule",
    ),
}


def note_what_was_given(apps, schema_editor):
    """Groups under their first names: renamed ones are the municipality's own."""
    Group = apps.get_model("auth", "Group")
    StartingRole = apps.get_model("channels", "StartingRole")
    for name, permissions in BASELINE.items():
        group = Group.objects.filter(name=name).first()
        if group is not None:
            StartingRole.objects.create(
                name=name, group=group, given=sorted(permissions)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("channels", "0012_messages_with_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessibilityStatement",
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
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fully", "fully compliant"),
                            ("partly", "partly compliant"),
                            ("not", "not compliant"),
                        ],
                        max_length=10,
                        verbose_name="compliance",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("self", "assessed by the municipality itself"),
                            ("outside", "assessed by an outside party"),
                        ],
                        max_length=10,
                        verbose_name="method",
                    ),
                ),
                (
                    "assessed_on",
                    models.DateField(blank=True, null=True, verbose_name="assessed on"),
                ),
                (
                    "shortcomings",
                    models.TextField(
                        blank=True,
                        help_text="One on a line: what, for whom it is a hindrance, why it is so, and when it is mended.",
                        verbose_name="what is not accessible",
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Empty: the address for unsuitable comments.",
                        max_length=254,
                        verbose_name="where shortcomings are reported",
                    ),
                ),
                (
                    "contact_phone",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="telephone"
                    ),
                ),
                (
                    "central_url",
                    models.URLField(
                        blank=True,
                        help_text="Norwegian municipalities make their statement there.",
                        verbose_name="statement at uustatus.no",
                    ),
                ),
                ("only", models.BooleanField(default=True, editable=False)),
            ],
            options={
                "verbose_name": "accessibility statement",
                "verbose_name_plural": "accessibility statement",
                "constraints": [
                    models.UniqueConstraint(fields=("only",), name="statement_is_one"),
                    models.CheckConstraint(
                        condition=models.Q(("only", True)), name="statement_only"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("assessed_on", None), ("method", ""), ("status", "")
                            ),
                            models.Q(
                                models.Q(("status", ""), _negated=True),
                                models.Q(("method", ""), _negated=True),
                                ("assessed_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="statement_assessed_sometime_somehow",
                        violation_error_message="Compliance, method and day of the assessment belong together.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAccessibilityStatement",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fully", "fully compliant"),
                            ("partly", "partly compliant"),
                            ("not", "not compliant"),
                        ],
                        max_length=10,
                        verbose_name="compliance",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("self", "assessed by the municipality itself"),
                            ("outside", "assessed by an outside party"),
                        ],
                        max_length=10,
                        verbose_name="method",
                    ),
                ),
                (
                    "assessed_on",
                    models.DateField(blank=True, null=True, verbose_name="assessed on"),
                ),
                (
                    "shortcomings",
                    models.TextField(
                        blank=True,
                        help_text="One on a line: what, for whom it is a hindrance, why it is so, and when it is mended.",
                        verbose_name="what is not accessible",
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Empty: the address for unsuitable comments.",
                        max_length=254,
                        verbose_name="where shortcomings are reported",
                    ),
                ),
                (
                    "contact_phone",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="telephone"
                    ),
                ),
                (
                    "central_url",
                    models.URLField(
                        blank=True,
                        help_text="Norwegian municipalities make their statement there.",
                        verbose_name="statement at uustatus.no",
                    ),
                ),
                ("only", models.BooleanField(default=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical accessibility statement",
                "verbose_name_plural": "historical accessibility statement",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="StartingRole",
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
                ("name", models.CharField(max_length=150, unique=True)),
                (
                    "given",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=150),
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="auth.group",
                    ),
                ),
            ],
        ),
        migrations.RunPython(note_what_was_given, migrations.RunPython.noop),
    ]
