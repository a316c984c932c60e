"""The baseline by which an account's looks for trends go, once one was learned."""

import django.db.models.deletion
from django.db import migrations, models

import kairo.platform.database.ids
import kairo.platform.database.sessions
from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):
    dependencies = [("insights", "0004_voices"), ("tenancy", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TrendBaselineRow",
            fields=[
                ("id", models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("learned_until", models.DateTimeField()),
                ("baseline", models.JSONField()),
                ("set_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=kairo.platform.database.sessions.current_tenant,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "trend_baseline",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant",), name="trend_baseline_one_a_tenant")],
            },
        ),
        *isolate("trend_baseline"),
    ]
