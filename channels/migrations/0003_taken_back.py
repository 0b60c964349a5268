"""A delivery can be taken back before anybody has tried it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0002_triggers")]

    operations = [
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_settled_when_done_or_failed",
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("sending", "being sent"),
                    ("done", "done"),
                    ("failed", "needs a person"),
                    ("withdrawn", "taken back"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    state__in=["done", "failed", "withdrawn"], settled_at__isnull=False
                )
                | models.Q(state__in=["waiting", "sending"], settled_at=None),
                name="delivery_settled_when_done_or_failed",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=~models.Q(state="withdrawn")
                | models.Q(attempts=0, withdrawn_at__isnull=False),
                name="delivery_taken_back_was_never_tried",
            ),
        ),
    ]
