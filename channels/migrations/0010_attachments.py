"""Pictures and other files of messages, and those on the practice wall."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

MISSING = [
    ("unreachable", "could not be reached, and is asked for again"),
    ("not_found", "no longer there when we asked"),
    ("refused", "the platform does not give it to us"),
    ("too_large", "larger than we fetch"),
    ("no_address", "has no address that may be called"),
    ("too_many", "more files than we fetch of one message"),
    ("let_go", "let go of with the message's words"),
]
KEY = models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
)


class Migration(migrations.Migration):
    dependencies = [("channels", "0009_answered_index")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="attachments_count",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", KEY),
                ("position", models.PositiveSmallIntegerField()),
                ("platform_id", models.CharField(blank=True, max_length=300)),
                (
                    "name",
                    models.CharField(blank=True, max_length=255, verbose_name="name"),
                ),
                ("told_mime", models.CharField(blank=True, max_length=127)),
                (
                    "address",
                    models.CharField(
                        blank=True, max_length=2000, verbose_name="address"
                    ),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "size",
                    models.BigIntegerField(
                        blank=True, null=True, verbose_name="size in bytes"
                    ),
                ),
                (
                    "mime",
                    models.CharField(blank=True, max_length=127, verbose_name="type"),
                ),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("blurred", models.BinaryField(default=b"")),
                (
                    "missing",
                    models.CharField(
                        blank=True,
                        choices=MISSING,
                        max_length=12,
                        verbose_name="why it is missing",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=200)),
                (
                    "noted_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="fetched"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="channels.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "ordering": ["version", "position"],
            },
        ),
        migrations.CreateModel(
            name="WallPicture",
            fields=[
                ("id", KEY),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("mime", models.CharField(max_length=127, verbose_name="type")),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pictures",
                        to="channels.wallentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture on the practice wall",
                "verbose_name_plural": "pictures on the practice wall",
                "ordering": ["entry", "position"],
            },
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(
                fields=("version", "position"), name="attachment_place_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("missing", ""),
                        ("sha256__regex", "^[0-9a-f]{64}$"),
                        ("size__gte", 0),
                        models.Q(("mime", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("missing", ""), _negated=True),
                        ("mime", ""),
                        ("sha256", ""),
                        ("size", None),
                    ),
                    _connector="OR",
                ),
                name="attachment_has_bytes_or_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("blurred", b""), ("height", None), ("width", None)),
                    models.Q(
                        ("height__gte", 1),
                        ("width__gte", 1),
                        models.Q(("sha256", ""), _negated=True),
                        models.Q(("blurred", b""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="attachment_picture_has_bytes_and_both_sides",
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                condition=models.Q(("sha256", ""), _negated=True),
                fields=["sha256"],
                name="attachment_of_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="wallpicture",
            constraint=models.UniqueConstraint(
                fields=("entry", "position"), name="wall_picture_place_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="wallpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("height__gte", 1),
                    (
                        "mime__in",
                        ["image/png", "image/jpeg", "image/webp", "image/gif"],
                    ),
                    ("sha256__regex", "^[0-9a-f]{64}$"),
                    ("size__gte", 1),
                    ("width__gte", 1),
                ),
                name="wall_picture_is_a_picture",
            ),
        ),
    ]
