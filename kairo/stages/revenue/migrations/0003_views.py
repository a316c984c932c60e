"""What campaigns did and what came of it, as a view; attempts are found by their conversion."""

from django.db import migrations, models

from kairo.platform.database.roles import APP_ROLE

# A day's own figures where they are known, else those of its hours. A sale that a deal tells of as well is that deal's.
# What a platform claims to have brought stands apart: it is no attribution, and nobody else has seen it.
_CAMPAIGNS = f"""
CREATE VIEW v_campaign_activity_summary WITH (security_invoker = true) AS
WITH flow AS (
  SELECT tenant_id, ad_id, currency, impressions, clicks, spend, 0 AS conversions, 0::numeric AS conversion_cash,
         0 AS deals, 0::numeric AS deal_cash, 0::numeric AS synthetic_revenue, cash_revenue AS platform_cash,
         starts_at AS at
  FROM ad_stat AS stat
  WHERE granularity = 'day' OR NOT EXISTS (
    SELECT 1 FROM ad_stat AS whole
    WHERE whole.tenant_id = stat.tenant_id AND whole.ad_id = stat.ad_id AND whole.granularity = 'day'
      AND whole.starts_at <= stat.starts_at AND whole.starts_at > stat.starts_at - interval '1 day')
  UNION ALL
  SELECT tenant_id, ad_id, currency, 0, 0, 0, 1,
         CASE WHEN EXISTS (
             SELECT 1 FROM deal WHERE deal.tenant_id = sold.tenant_id AND deal.deal_key = sold.conversion_id
               AND merged_into IS NULL AND NOT is_deleted
           ) OR EXISTS (
             SELECT 1 FROM deal WHERE deal.tenant_id = sold.tenant_id AND deal.click_id = sold.attributed_click_id
               AND merged_into IS NULL AND NOT is_deleted
           ) THEN 0 ELSE value END,
         0, 0, 0, 0, occurred_at
  FROM conversion_tracking AS sold WHERE attributed
  UNION ALL
  SELECT tenant_id, ad_id, synthetic_currency, 0, 0, 0, 0, 0, 1,
         CASE WHEN outcome = 'won' THEN coalesce(synthetic_value, 0) ELSE 0 END, coalesce(synthetic_value, 0), 0,
         coalesce(closed_at, created_at)
  FROM deal
  WHERE ad_id IS NOT NULL AND synthetic_currency IS NOT NULL AND merged_into IS NULL AND NOT is_deleted
),
named AS (
  SELECT tenant_id, campaign_id FROM campaign
  UNION SELECT tenant_id, campaign_id FROM ad WHERE campaign_id IS NOT NULL
),
summed AS (
  SELECT ad.tenant_id, ad.campaign_id, flow.currency, sum(impressions)::bigint AS impressions,
         sum(clicks)::bigint AS clicks, sum(spend) AS spend, sum(conversions)::bigint AS conversions,
         sum(conversion_cash) AS conversion_cash, sum(deals)::bigint AS deals, sum(deal_cash) AS deal_cash,
         sum(synthetic_revenue) AS synthetic_revenue, sum(platform_cash) AS platform_cash, max(flow.at) AS last_activity_at
  FROM ad JOIN flow ON flow.tenant_id = ad.tenant_id AND flow.ad_id = ad.ad_id
  GROUP BY ad.tenant_id, ad.campaign_id, flow.currency
)
SELECT named.tenant_id, named.campaign_id, coalesce(campaign.name, '') AS name,
       coalesce(campaign.platform, '') AS platform, coalesce(campaign.status, '') AS status,
       (SELECT count(*) FROM ad WHERE ad.tenant_id = named.tenant_id AND ad.campaign_id = named.campaign_id) AS ads,
       summed.currency, coalesce(impressions, 0) AS impressions, coalesce(clicks, 0) AS clicks,
       coalesce(spend, 0) AS spend, coalesce(conversions, 0) AS conversions,
       coalesce(conversion_cash, 0) AS conversion_cash, coalesce(deals, 0) AS deals,
       coalesce(deal_cash, 0) AS deal_cash, coalesce(conversion_cash + deal_cash, 0) AS cash_revenue,
       coalesce(synthetic_revenue, 0) AS synthetic_revenue,
       round((conversion_cash + deal_cash) / nullif(spend, 0), 4) AS cash_roas,
       round((conversion_cash + synthetic_revenue) / nullif(spend, 0), 4) AS pipeline_roas,
       coalesce(platform_cash, 0) AS platform_cash, last_activity_at
FROM named
LEFT JOIN campaign ON campaign.tenant_id = named.tenant_id AND campaign.campaign_id = named.campaign_id
LEFT JOIN summed ON summed.tenant_id = named.tenant_id AND summed.campaign_id = named.campaign_id;
GRANT SELECT ON v_campaign_activity_summary TO {APP_ROLE};
"""


class Migration(migrations.Migration):

    dependencies = [('ads', '0003_accounts'), ('revenue', '0002_deals')]

    operations = [
        migrations.AddIndex(
            model_name='attributionattempt',
            index=models.Index(fields=['tenant', 'conversion_id'], name='attribution_attempt_of_one'),
        ),
        migrations.RunSQL(_CAMPAIGNS, "DROP VIEW v_campaign_activity_summary"),
    ]
