"""The municipality's changes to the word list; versions are added and never changed."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

TABLES = ["policies_wordversion", "policies_wordchange"]

FORWARD = "".join(
    f"""
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();
CREATE TRIGGER {table}_no_truncate
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION policies_refuse_change();
"""
    for table in TABLES
)

BACKWARD = "".join(
    f"""
DROP TRIGGER {table}_no_truncate ON {table};
DROP TRIGGER {table}_append_only ON {table};
"""
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="WordVersion",
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
                    "number",
                    models.PositiveIntegerField(unique=True, verbose_name="version"),
                ),
                (
                    "note",
                    models.TextField(
                        help_text="Why the words were changed.", verbose_name="note"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="created at"
                    ),
                ),
                (
                    "created_by",
                    models.CharField(max_length=150, verbose_name="created by"),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="policies.wordversion",
                        verbose_name="takes back",
                    ),
                ),
            ],
            options={
                "verbose_name": "word list version",
                "verbose_name_plural": "word list versions",
                "ordering": ["-number"],
                "permissions": [("edit_words", "Can change the word list")],
            },
        ),
        migrations.CreateModel(
            name="WordChange",
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
                    "action",
                    models.CharField(
                        choices=[
                            ("add", "added"),
                            ("remove", "removed"),
                            ("restore", "as it came with the software"),
                        ],
                        max_length=8,
                        verbose_name="what was done",
                    ),
                ),
                ("entry", models.CharField(max_length=200, verbose_name="entry")),
                (
                    "term",
                    models.CharField(blank=True, max_length=100, verbose_name="word"),
                ),
                (
                    "kind",
                    models.CharField(blank=True, max_length=40, verbose_name="kind"),
                ),
                (
                    "rule",
                    models.CharField(blank=True, max_length=20, verbose_name="rule"),
                ),
                (
                    "severity",
                    models.PositiveSmallIntegerField(
                        default=2, verbose_name="severity"
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="languages",
                    ),
                ),
                (
                    "not_in",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="innocent word in",
                    ),
                ),
                (
                    "paradigm",
                    models.CharField(
                        default="-", max_length=20, verbose_name="inflection"
                    ),
                ),
                (
                    "head",
                    models.BooleanField(
                        default=False, verbose_name="may end a compound"
                    ),
                ),
                (
                    "modifiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="shapes that may begin a compound",
                    ),
                ),
                (
                    "directed",
                    models.BooleanField(
                        default=False, verbose_name="counts only at somebody"
                    ),
                ),
                (
                    "guards",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="innocent beside",
                    ),
                ),
                (
                    "forms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="further forms",
                    ),
                ),
                (
                    "without",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="forms that do not count",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="policies.wordversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a word",
                "verbose_name_plural": "changes of words",
                "ordering": ["version", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="wordversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)),
                name="policies_wordversion_number_from_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("created_by", ""), _negated=True),
                    ("created_at__isnull", False),
                    models.Q(("note", ""), _negated=True),
                ),
                name="policies_wordversion_who_when_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="wordchange",
            constraint=models.UniqueConstraint(
                fields=("version", "entry"), name="policies_wordchange_entry_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="wordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", "add"), _negated=True),
                    models.Q(
                        models.Q(("term", ""), _negated=True),
                        models.Q(("kind", ""), _negated=True),
                        models.Q(("rule", ""), _negated=True),
                        ("severity__range", (1, 3)),
                        ("languages__len__gte", 1),
                    ),
                    _connector="OR",
                ),
                name="policies_wordchange_added_whole",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
