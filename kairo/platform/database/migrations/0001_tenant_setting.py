"""The function by which every policy knows the tenant, and what kairo_app may do with tables to come."""

from django.db import migrations

from kairo.platform.database.roles import APP_ROLE, OWNER_ROLE


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            f"""
            CREATE FUNCTION kairo_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
            $$ SELECT nullif(current_setting('kairo.tenant_id', true), '')::uuid $$;
            GRANT EXECUTE ON FUNCTION kairo_tenant() TO {APP_ROLE};
            GRANT SELECT ON django_migrations TO {APP_ROLE};
            GRANT USAGE ON SCHEMA public TO {APP_ROLE};
            ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
            ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {APP_ROLE};
            """,
            "DROP FUNCTION kairo_tenant()",
        )
    ]
