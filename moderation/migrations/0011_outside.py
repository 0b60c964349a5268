"""A comment may stand outside our channels (K-16), said with a reason and taken back."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0009_disclosure_triggers"),
        ("channels", "0008_outside_triggers"),
        ("moderation", "0010_answers_triggers"),
        ("policies", "0003_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="decision",
            name="restored_with_a_reason",
        ),
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
                choices=[
                    ("new", "undecided"),
                    ("kept", "kept"),
                    ("hidden", "hidden"),
                    ("removed", "removed"),
                    ("outside", "outside our channels"),
                ],
                default="new",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="verb",
            field=models.CharField(
                choices=[
                    ("keep", "keep"),
                    ("hide", "hide"),
                    ("remove", "remove"),
                    ("restore", "make visible again"),
                    ("outside", "outside our channels"),
                    ("inside", "on our channels after all"),
                ],
                max_length=10,
                verbose_name="decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason", ""),
                    ("verb__in", ["restore", "outside", "inside"]),
                    _negated=True,
                ),
                name="restored_with_a_reason",
            ),
        ),
    ]
