"""The virtual clock of simulations, and the function that tells the time to whatever becomes due."""

from django.db import migrations

from kairo.platform.database.roles import APP_ROLE


class Migration(migrations.Migration):
    dependencies = [("database", "0001_tenant_setting")]
    operations = [
        migrations.RunSQL(
            # Functions of functions: the outer one is put into the statement that calls it, and costs real time nothing.
            f"""
            CREATE TABLE virtual_clock (
                id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
                stands_at timestamptz NOT NULL
            );
            REVOKE ALL ON virtual_clock FROM {APP_ROLE};
            GRANT SELECT ON virtual_clock TO {APP_ROLE};
            CREATE FUNCTION kairo_virtual_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
            $$ SELECT coalesce((SELECT stands_at FROM public.virtual_clock), now()) $$;
            CREATE FUNCTION kairo_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
            $$ SELECT CASE WHEN current_setting('kairo.virtual_clock', true) = 'on'
                      THEN public.kairo_virtual_now() ELSE now() END $$;
            GRANT EXECUTE ON FUNCTION kairo_virtual_now(), kairo_now() TO {APP_ROLE};
            """,
            "DROP FUNCTION kairo_now(); DROP FUNCTION kairo_virtual_now(); DROP TABLE virtual_clock",
        )
    ]
