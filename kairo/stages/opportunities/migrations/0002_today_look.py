from __future__ import annotations

from django.db import migrations

from kairo.platform.database.roles import APP_ROLE

# In functions a session plans these queries once. Sent as text they are planned for each look, which takes several times
# longer than running them. They run as their caller, under row-level security.
LOOK = f"""
CREATE FUNCTION opportunities_look(
    tenant uuid, brand uuid, job_key text, cache_key text, looked_at timestamptz
) RETURNS TABLE (live_job uuid, cached_body text, newest_board uuid, newest_state text, had_a_job boolean)
LANGUAGE plpgsql STABLE ROWS 1 AS $body$
BEGIN
    RETURN QUERY
    SELECT
      (SELECT job.id FROM job
       WHERE job.tenant_id = tenant AND job.dedupe_key = job_key AND job.state IN ('pending', 'running')),
      (SELECT cached.body FROM today_board_cache cached
       WHERE cached.tenant_id = tenant AND cached.key = cache_key AND cached.expires_at > looked_at),
      newest.id, newest.state,
      EXISTS (SELECT 1 FROM opportunities_job made WHERE made.tenant_id = tenant AND made.brand_id = brand)
    FROM brand known LEFT JOIN LATERAL (
      SELECT board.id, board.state FROM opportunities_board board
      WHERE board.tenant_id = tenant AND board.brand_id = brand ORDER BY board.created_at DESC LIMIT 1
    ) newest ON true
    WHERE known.tenant_id = tenant AND known.id = brand;
END
$body$;
REVOKE ALL ON FUNCTION opportunities_look(uuid, uuid, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION opportunities_look(uuid, uuid, text, text, timestamptz) TO {APP_ROLE};
"""
OPPORTUNITIES = f"""
CREATE FUNCTION opportunities_as_json(tenant uuid, ids uuid[]) RETURNS json
LANGUAGE plpgsql STABLE AS $body$
BEGIN
    RETURN coalesce((
        SELECT json_agg(json_build_object('opportunity', stored, 'evidence', (
            SELECT json_agg(json_build_object(
                'id', cited.item_id, 'quote', cited.quote, 'url', cited.url, 'author', cited.author,
                'platform', cited.platform, 'published_at', cited.published_at) ORDER BY cited.position)
            FROM opportunity_citation cited
            WHERE cited.tenant_id = tenant AND cited.opportunity_id = stored.id
        )) ORDER BY place.number)
        FROM unnest(ids) WITH ORDINALITY AS place (id, number)
        JOIN opportunity stored ON stored.tenant_id = tenant AND stored.id = place.id
    ), '[]'::json);
END
$body$;
REVOKE ALL ON FUNCTION opportunities_as_json(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION opportunities_as_json(uuid, uuid[]) TO {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("brands", "0001_initial"),
        ("jobs", "0001_initial"),
        ("opportunities", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(LOOK, "DROP FUNCTION opportunities_look(uuid, uuid, text, text, timestamptz)"),
        migrations.RunSQL(OPPORTUNITIES, "DROP FUNCTION opportunities_as_json(uuid, uuid[])"),
    ]
