"""The view of campaigns counts the figures that count everywhere: a day of 25 hours is counted once."""

from django.db import migrations

from kairo.platform.database.roles import APP_ROLE

_CAMPAIGNS = f"""
CREATE OR REPLACE VIEW v_campaign_activity_summary WITH (security_invoker = true) AS
WITH flow AS (
  SELECT tenant_id, ad_id, currency, impressions, clicks, spend, 0 AS conversions, 0::numeric AS conversion_cash,
         0 AS deals, 0::numeric AS deal_cash, 0::numeric AS synthetic_revenue, cash_revenue AS platform_cash,
         starts_at AS at
  FROM ad_figures
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
    dependencies = [("ads", "0005_figures_that_count"), ("revenue", "0004_without_networks")]

    operations = [migrations.RunSQL(_CAMPAIGNS, migrations.RunSQL.noop)]
