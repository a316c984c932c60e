import django.db.models.deletion
from django.db import migrations, models

import kairo.platform.database.ids
import kairo.platform.database.sessions
from kairo.platform.database.rls import isolate

BRAND = models.ForeignKey(
    db_constraint=False,
    db_index=False,
    on_delete=django.db.models.deletion.PROTECT,
    related_name="+",
    to="brands.brand",
)
TENANT = models.ForeignKey(
    db_index=False,
    default=kairo.platform.database.sessions.current_tenant,
    on_delete=django.db.models.deletion.PROTECT,
    related_name="+",
    to="tenancy.tenant",
)
ID = models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)
OPTIONS = {"abstract": False, "base_manager_name": "objects"}


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0001_graph"),
        ("brands", "0001_initial"),
        ("tenancy", "0002_chats"),
    ]

    operations = [
        migrations.CreateModel(
            name="BrandProfile",
            fields=[
                ("id", ID.clone()),
                ("version", models.PositiveIntegerField()),
                ("content_sha256", models.TextField()),
                ("inputs_sha256", models.TextField()),
                ("document", models.JSONField()),
                ("vectors", models.BinaryField()),
                ("voice", models.JSONField(null=True)),
                ("voice_erased", models.BooleanField(default=False)),
                ("compiled_at", models.DateTimeField()),
                ("brand", BRAND.clone()),
                ("tenant", TENANT.clone()),
            ],
            options={
                **OPTIONS,
                "db_table": "brand_profile",
                "constraints": [
                    models.UniqueConstraint(fields=["tenant", "brand", "version"], name="brand_profile_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovedTextRow",
            fields=[
                ("id", ID.clone()),
                ("source", models.TextField()),
                ("channel", models.TextField()),
                ("text", models.TextField()),
                ("approved_at", models.DateTimeField()),
                ("brand", BRAND.clone()),
                ("tenant", TENANT.clone()),
            ],
            options={
                **OPTIONS,
                "db_table": "approved_text",
                "constraints": [
                    models.UniqueConstraint(fields=["tenant", "brand", "source"], name="approved_text_once")
                ],
                "indexes": [
                    models.Index(fields=["tenant", "brand", "-approved_at", "source"], name="approved_text_newest"),
                    models.Index(fields=["tenant", "source"], name="approved_text_of_source"),
                ],
            },
        ),
        *isolate("brand_profile", references={"brand_id": "brand"}),
        *isolate("approved_text", references={"brand_id": "brand"}),
        migrations.RunSQL(
            """
            CREATE FUNCTION brand_profile_stays() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (NEW.voice IS NULL OR NEW.voice = OLD.voice)
                   AND (to_jsonb(NEW) - 'voice' - 'voice_erased') = (to_jsonb(OLD) - 'voice' - 'voice_erased') THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'a version of a profile never changes' USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER brand_profile_immutable BEFORE UPDATE ON brand_profile
                FOR EACH ROW EXECUTE FUNCTION brand_profile_stays();
            """,
            "DROP TRIGGER brand_profile_immutable ON brand_profile; DROP FUNCTION brand_profile_stays()",
        ),
    ]
