"""Rankings are learned of kinds of message too, from what people confirm."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0013_figures_index"),
        ("policies", "0003_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="learnedmodel",
            name="reply_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("praise", "praise"),
                    ("neutral_addressed", "neutral, to the municipality"),
                    ("neutral_unaddressed", "neutral, to others"),
                    ("negative", "negative"),
                    ("states_facts", "states facts to be checked"),
                    ("needs_case_handling", "needs case handling"),
                    ("documentation_value", "has documentation value"),
                    ("political", "political"),
                ],
                max_length=30,
                verbose_name="kind of message",
            ),
        ),
        migrations.AlterField(
            model_name="learnedmodel",
            name="of_class",
            field=models.PositiveIntegerField(verbose_name="of them of the class"),
        ),
        migrations.AlterField(
            model_name="learnedmodel",
            name="rule",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policies.rule",
                verbose_name="rule",
            ),
        ),
        migrations.AddIndex(
            model_name="learnedmodel",
            index=models.Index(
                condition=models.Q(("reply_kind", ""), _negated=True),
                fields=["reply_kind", "-id"],
                name="learned_newest_of_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="learnedmodel",
            constraint=models.CheckConstraint(
                condition=models.Q(("reply_kind", ""), ("rule__isnull", False))
                | models.Q(("rule", None), models.Q(("reply_kind", ""), _negated=True)),
                name="learned_model_of_a_rule_or_a_kind",
            ),
        ),
    ]
