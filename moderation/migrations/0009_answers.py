"""Templates and drafts of answers, addresses and referrals, second readers."""

import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0009_disclosure_triggers"),
        ("channels", "0004_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("moderation", "0008_desk_indexes"),
        ("policies", "0003_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="DraftStep",
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
                    "act",
                    models.CharField(
                        choices=[
                            ("asked", "asked for a second reader"),
                            ("sent_back", "sent back"),
                            ("released", "released"),
                            ("sent", "sent"),
                            ("dropped", "dropped"),
                        ],
                        max_length=10,
                        verbose_name="act",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a draft",
                "verbose_name_plural": "steps of drafts",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAnswerTemplate",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        db_index=True,
                        editable=False,
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("thank", "thanks for praise"),
                            ("answer", "answer to a question or to criticism"),
                            ("correct", "correction of wrong facts"),
                            ("refer", "a formal enquiry is needed"),
                            ("document", "notice of the duty to document"),
                            ("mailbox", "please write to the authority's mailbox"),
                            ("recommend", "pointing to the chief executive's proposal"),
                            ("political", "passed to the political secretariat"),
                        ],
                        max_length=10,
                        verbose_name="kind of answer",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("sv", "Svenska"),
                            ("nb", "Norsk bokmål"),
                            ("nn", "Norsk nynorsk"),
                            ("en", "English"),
                            ("fi", "Suomi"),
                        ],
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "text",
                    models.TextField(
                        help_text="Fields in braces are filled in: {sender_name}, {officer}, {department}, {municipality}, {channel}, {official_contact}, {registrar}. The signature is added by itself.",
                        verbose_name="text",
                    ),
                ),
                (
                    "in_use",
                    models.BooleanField(
                        default=True, verbose_name="offered at the desk"
                    ),
                ),
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
                "verbose_name": "historical answer template",
                "verbose_name_plural": "historical answer templates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReferralAddress",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("officer", "case officer"),
                            ("registrar", "registrar's mailbox"),
                            ("political", "political secretariat"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="As officers see it: a unit or a person.",
                        max_length=120,
                        verbose_name="name",
                    ),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, verbose_name="e-mail address"),
                ),
                (
                    "in_use",
                    models.BooleanField(
                        default=True, verbose_name="offered at the desk"
                    ),
                ),
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
                "verbose_name": "historical referral address",
                "verbose_name_plural": "historical referral addresses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Referral",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("officer", "case officer"),
                            ("registrar", "registrar's mailbox"),
                            ("political", "political secretariat"),
                        ],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                (
                    "name",
                    models.CharField(blank=True, max_length=120, verbose_name="name"),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, verbose_name="e-mail address"),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "referral",
                "verbose_name_plural": "referrals",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReferralAddress",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("officer", "case officer"),
                            ("registrar", "registrar's mailbox"),
                            ("political", "political secretariat"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="As officers see it: a unit or a person.",
                        max_length=120,
                        verbose_name="name",
                    ),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, verbose_name="e-mail address"),
                ),
                (
                    "in_use",
                    models.BooleanField(
                        default=True, verbose_name="offered at the desk"
                    ),
                ),
            ],
            options={
                "verbose_name": "referral address",
                "verbose_name_plural": "referral addresses",
                "ordering": ["kind", "name"],
            },
        ),
        migrations.CreateModel(
            name="ReferralEvent",
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
                    "act",
                    models.CharField(
                        choices=[
                            ("refused", "the mail server did not take it"),
                            ("unclear", "nobody knows whether it arrived"),
                            ("bounced", "came back undelivered"),
                            ("returned", "sent back by the receiver"),
                            ("again", "sent again"),
                            ("arrived", "arrived, says the officer"),
                        ],
                        max_length=10,
                        verbose_name="event",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "event of a referral",
                "verbose_name_plural": "events of referrals",
                "ordering": ["at", "id"],
            },
        ),
        migrations.AddField(
            model_name="reply",
            name="released_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="tells",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="reply",
            name="warned",
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name="AnswerTemplate",
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
                    "code",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=40,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("thank", "thanks for praise"),
                            ("answer", "answer to a question or to criticism"),
                            ("correct", "correction of wrong facts"),
                            ("refer", "a formal enquiry is needed"),
                            ("document", "notice of the duty to document"),
                            ("mailbox", "please write to the authority's mailbox"),
                            ("recommend", "pointing to the chief executive's proposal"),
                            ("political", "passed to the political secretariat"),
                        ],
                        max_length=10,
                        verbose_name="kind of answer",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("sv", "Svenska"),
                            ("nb", "Norsk bokmål"),
                            ("nn", "Norsk nynorsk"),
                            ("en", "English"),
                            ("fi", "Suomi"),
                        ],
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "text",
                    models.TextField(
                        help_text="Fields in braces are filled in: {sender_name}, {officer}, {department}, {municipality}, {channel}, {official_contact}, {registrar}. The signature is added by itself.",
                        verbose_name="text",
                    ),
                ),
                (
                    "in_use",
                    models.BooleanField(
                        default=True, verbose_name="offered at the desk"
                    ),
                ),
            ],
            options={
                "verbose_name": "answer template",
                "verbose_name_plural": "answer templates",
                "ordering": ["language", "kind", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "language", "name"),
                        name="answer_template_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="answer_template_has_text",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
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
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("tells", models.JSONField(blank=True, default=list)),
                ("number", models.PositiveIntegerField(default=1)),
                (
                    "started_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="started"
                    ),
                ),
                (
                    "saved_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="saved"
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        null=True, verbose_name="second reader asked for"
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("sent", "sent"), ("dropped", "dropped")],
                        max_length=10,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="moderation.case",
                    ),
                ),
                (
                    "writer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
                "ordering": ["started_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="reply",
            name="draft",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reply",
                to="moderation.draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_by", None),
                    models.Q(("released_by", models.F("by")), _negated=True),
                    _connector="OR",
                ),
                name="reply_released_by_somebody_else",
            ),
        ),
        migrations.AddField(
            model_name="draftstep",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="draftstep",
            name="draft",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="moderation.draft",
            ),
        ),
        migrations.AddField(
            model_name="historicalanswertemplate",
            name="history_user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalreferraladdress",
            name="department",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="channels.department",
                verbose_name="only for the department",
            ),
        ),
        migrations.AddField(
            model_name="historicalreferraladdress",
            name="history_user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to="moderation.case",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="instead_of",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="moderation.referral",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="letter",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referral",
                to="channels.letter",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="mandate",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="channels.mandate",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="record",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="archive.record",
                verbose_name="record",
            ),
        ),
        migrations.AddField(
            model_name="referraladdress",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="channels.department",
                verbose_name="only for the department",
            ),
        ),
        migrations.AddField(
            model_name="referralevent",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="referralevent",
            name="referral",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="moderation.referral",
            ),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", False), ("closed_at", None)),
                fields=["asked_at", "id"],
                name="draft_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("case", "writer"),
                name="one_open_draft_per_case_and_writer",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("outcome", "")),
                    models.Q(
                        ("closed_at__isnull", False),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="draft_closed_somehow",
            ),
        ),
        migrations.AddConstraint(
            model_name="draftstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("act", "sent_back"), ("note", ""), _negated=True),
                name="draft_sent_back_with_a_note",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["-at", "-id"], name="referral_newest"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by", None), ("kind", "registrar"), ("mandate", None)),
                    models.Q(("by__isnull", False), ("mandate__isnull", False)),
                    _connector="OR",
                ),
                name="referral_by_somebody_under_a_mandate",
            ),
        ),
        migrations.AddConstraint(
            model_name="referraladdress",
            constraint=models.UniqueConstraint(
                fields=("kind", "email", "department"),
                name="referral_address_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="referralevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act", "returned"), _negated=True),
                    models.Q(
                        ("by__isnull", False), models.Q(("reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="referral_returned_by_somebody_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act__in", ["again", "arrived"]), _negated=True),
                    ("by__isnull", False),
                    _connector="OR",
                ),
                name="referral_taken_further_by_somebody",
            ),
        ),
    ]
