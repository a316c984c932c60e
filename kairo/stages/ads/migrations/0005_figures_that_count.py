"""Which figures count, in one place: a day's own where they are known, else those of its hours."""

from django.db import migrations

from kairo.platform.database.roles import APP_ROLE

# A day lasts until the next midnight of its ad account: 23, 24 or 25 hours. Where nobody has said in which account an ad
# runs, it is the only one there is; without any, the day is one of UTC. No zone turns its clock by more than two hours.
_FIGURES = f"""
CREATE VIEW ad_figures WITH (security_invoker = true) AS
SELECT stat.tenant_id, stat.ad_id, stat.starts_at, stat.currency, stat.impressions, stat.clicks, stat.spend,
       stat.conversions, stat.cash_revenue
FROM ad_stat AS stat
LEFT JOIN ad ON ad.tenant_id = stat.tenant_id AND ad.ad_id = stat.ad_id
LEFT JOIN campaign ON campaign.tenant_id = ad.tenant_id AND campaign.campaign_id = ad.campaign_id
LEFT JOIN ad_account AS account ON account.tenant_id = campaign.tenant_id AND account.account_id = campaign.account_id
LEFT JOIN (
  SELECT tenant_id, min(timezone) AS timezone FROM ad_account GROUP BY tenant_id HAVING count(*) = 1
) AS lone ON lone.tenant_id = stat.tenant_id AND campaign.account_id IS NULL
CROSS JOIN LATERAL (SELECT coalesce(account.timezone, lone.timezone, 'UTC') AS name) AS zone
WHERE stat.granularity = 'day' OR NOT EXISTS (
  SELECT 1 FROM ad_stat AS whole
  WHERE whole.tenant_id = stat.tenant_id AND whole.ad_id = stat.ad_id AND whole.granularity = 'day'
    AND whole.starts_at <= stat.starts_at AND whole.starts_at > stat.starts_at - interval '26 hours'
    AND ((whole.starts_at AT TIME ZONE zone.name) + interval '1 day') AT TIME ZONE zone.name > stat.starts_at
);
GRANT SELECT ON ad_figures TO {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("ads", "0004_changes")]

    operations = [migrations.RunSQL(_FIGURES, "DROP VIEW ad_figures")]
