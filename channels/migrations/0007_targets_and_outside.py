"""A channel's own promise of an answer; messages that are not on our channels (K-16)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HOURS = {
    "verbose_name": "answered within, in working hours",
    "null": True,
    "blank": True,
    "help_text": (
        "A promise stricter than the next working day (K-14). Empty: the next "
        "working day."
    ),
}


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0006_captures_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="answer_hours",
            field=models.PositiveSmallIntegerField(**HOURS),
        ),
        migrations.AddField(
            model_name="historicalchannel",
            name="answer_hours",
            field=models.PositiveSmallIntegerField(**HOURS),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(answer_hours=None)
                | models.Q(answer_hours__range=(1, 40)),
                name="channel_answers_within_some_hours",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="outside_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="outside_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="purged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(outside_at=None, outside_by=None)
                | models.Q(outside_at__isnull=False, outside_by__isnull=False),
                name="message_outside_by_somebody_sometime",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(purged_at=None)
                | models.Q(
                    outside_at__isnull=False, kind="comment", text="", author_name=""
                ),
                name="message_purged_only_outside_our_channels",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(outside_at__isnull=False, purged_at=None),
                fields=["outside_at", "id"],
                name="message_outside",
            ),
        ),
    ]
