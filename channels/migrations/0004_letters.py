"""Letters get files, a sender, a key and an unclear end; channels a second reader."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0009_disclosure_triggers"),
        ("channels", "0003_taken_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterFile",
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
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("mime", models.CharField(max_length=128)),
                ("content", models.BinaryField(default=b"")),
                ("sha256", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "file of a letter",
                "verbose_name_plural": "files of letters",
                "ordering": ["letter", "position"],
            },
        ),
        migrations.RemoveIndex(
            model_name="letter",
            name="letter_due",
        ),
        migrations.AddField(
            model_name="channel",
            name="second_reader",
            field=models.BooleanField(
                default=False,
                help_text="Somebody else with a mandate releases each answer.",
                verbose_name="answers need a second reader",
            ),
        ),
        migrations.AddField(
            model_name="historicalchannel",
            name="second_reader",
            field=models.BooleanField(
                default=False,
                help_text="Somebody else with a mandate releases each answer.",
                verbose_name="answers need a second reader",
            ),
        ),
        migrations.AddField(
            model_name="historicalmunicipality",
            name="refers_direct_messages",
            field=models.BooleanField(
                default=False,
                help_text="On arrival, to the registrar's mailbox (K-17). Otherwise an officer passes each one on.",
                verbose_name="direct messages go to the registrar by themselves",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="from_email",
            field=models.EmailField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="letter",
            name="from_name",
            field=models.CharField(blank=True, max_length=200),
        ),
        # Each letter there is gets a key of its own before the keys must differ.
        migrations.AddField(
            model_name="letter",
            name="key",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.RunSQL(
            "UPDATE channels_letter SET key = gen_random_uuid()",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="letter",
            name="key",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="left_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="left_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="reply_to",
            field=models.EmailField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="letter",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="unclear_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="municipality",
            name="refers_direct_messages",
            field=models.BooleanField(
                default=False,
                help_text="On arrival, to the registrar's mailbox (K-17). Otherwise an officer passes each one on.",
                verbose_name="direct messages go to the registrar by themselves",
            ),
        ),
        migrations.AlterField(
            model_name="letter",
            name="attempts",
            field=models.PositiveIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="letter",
            name="error",
            field=models.CharField(blank=True, max_length=300, verbose_name="error"),
        ),
        migrations.AlterField(
            model_name="letter",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sent"),
        ),
        migrations.AlterField(
            model_name="letter",
            name="subject",
            field=models.CharField(max_length=200, verbose_name="subject"),
        ),
        migrations.AlterField(
            model_name="letter",
            name="to",
            field=models.EmailField(max_length=254, verbose_name="to"),
        ),
        migrations.AlterField(
            model_name="letter",
            name="written_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, verbose_name="written"
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(
                    ("failed_at", None), ("sent_at", None), ("unclear_at", None)
                ),
                fields=["not_before", "id"],
                name="letter_due",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(
                    models.Q(
                        ("failed_at__isnull", False),
                        ("unclear_at__isnull", False),
                        ("returned_at__isnull", False),
                        _connector="OR",
                    ),
                    ("left_at", None),
                ),
                fields=["-written_at", "-id"],
                name="letter_stuck",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unclear_at", None),
                    models.Q(("failed_at", None), ("sent_at", None)),
                    _connector="OR",
                ),
                name="letter_unclear_until_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("left_at", None), ("left_by", None)),
                    models.Q(("left_at__isnull", False), ("left_by__isnull", False)),
                    _connector="OR",
                ),
                name="letter_left_by_somebody_sometime",
            ),
        ),
        migrations.AddField(
            model_name="letterfile",
            name="letter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="files",
                to="channels.letter",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterfile",
            constraint=models.UniqueConstraint(
                fields=("letter", "position"), name="letter_file_position_once"
            ),
        ),
    ]
