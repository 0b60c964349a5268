"""Messages are emptied by a rule too, and found by the time they came in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0011_attachments_triggers"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_purged_only_outside_our_channels",
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("is_ours", False), ("outside_at", None), ("purged_at", None)
                ),
                fields=["kind", "received_at", "id"],
                name="message_with_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purged_at", None),
                    models.Q(
                        ("author_handle", ""),
                        ("author_id", ""),
                        ("author_name", ""),
                        ("author_url", ""),
                        ("is_ours", False),
                        ("text", ""),
                    ),
                    _connector="OR",
                ),
                name="message_purged_without_words_or_sender",
            ),
        ),
    ]
