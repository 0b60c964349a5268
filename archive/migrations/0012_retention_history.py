"""Who wrote and changed a retention rule, and when."""

import django.core.validators
import simple_history.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0011_exports_and_keys_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalRetentionRule",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(max_length=64, verbose_name="name in records"),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="As it is shown on records and on the disposal list.",
                        max_length=200,
                        verbose_name="title",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        help_text="Empty: only records that name the rule.",
                        max_length=32,
                        verbose_name="kind of records",
                    ),
                ),
                (
                    "years",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Leave it empty to keep the records for ever.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(500)],
                        verbose_name="years",
                    ),
                ),
                (
                    "starts",
                    models.CharField(
                        choices=[
                            ("sealed", "From the day of sealing"),
                            ("year_end", "From the end of the year of sealing"),
                        ],
                        default="year_end",
                        max_length=16,
                        verbose_name="counted",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        help_text="The municipality's decision, with its number and the place in the records schedule.",
                        max_length=300,
                        verbose_name="decision",
                    ),
                ),
                ("history_user_id", models.CharField(max_length=64, null=True)),
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
            ],
            options={
                "verbose_name": "historical retention rule",
                "verbose_name_plural": "historical retention rules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AlterField(
            model_name="retentionrule",
            name="basis",
            field=models.CharField(
                help_text="The municipality's decision, with its number and the place in the records schedule.",
                max_length=300,
                verbose_name="decision",
            ),
        ),
        migrations.AlterField(
            model_name="retentionrule",
            name="title",
            field=models.CharField(
                help_text="As it is shown on records and on the disposal list.",
                max_length=200,
                verbose_name="title",
            ),
        ),
        migrations.AlterField(
            model_name="retentionrule",
            name="years",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Leave it empty to keep the records for ever.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(500)],
                verbose_name="years",
            ),
        ),
    ]
