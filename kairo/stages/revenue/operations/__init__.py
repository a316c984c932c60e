"""Writes of revenue: the door of the stage."""

from kairo.stages.revenue.operations.attributing import attribute_conversion, attribute_conversions
from kairo.stages.revenue.operations.crm_import import DEAL_FIELDS, import_deals
from kairo.stages.revenue.operations.deals import forget_clicks, ingest_deals, revalue_deals
from kairo.stages.revenue.operations.erasing import erase_person
from kairo.stages.revenue.operations.following import follow
from kairo.stages.revenue.operations.holdouts import declare_holdout
from kairo.stages.revenue.operations.hubspot_events import process_deal_change, process_event, take_webhook
from kairo.stages.revenue.operations.hubspot_sync import (
    connect_hubspot,
    disconnect_hubspot,
    hubspot_connection,
    sync_hubspot,
)
from kairo.stages.revenue.operations.links import add_site, follow_link, make_link, take_landing
from kairo.stages.revenue.operations.reattributing import attribute_again, forget_devices
from kairo.stages.revenue.operations.restoring import restore_stage_model, restore_weights
from kairo.stages.revenue.operations.settings import change_attribution_settings
from kairo.stages.revenue.operations.synthetic import REVALUE, ad_roas, change_stages, learn_stages, value_stage_change
from kairo.stages.revenue.operations.tracking import track_click, track_clicks
from kairo.stages.revenue.operations.weighing import LEARN, learn_weights

__all__ = [
    "DEAL_FIELDS",
    "LEARN",
    "REVALUE",
    "ad_roas",
    "add_site",
    "attribute_again",
    "attribute_conversion",
    "attribute_conversions",
    "change_attribution_settings",
    "change_stages",
    "connect_hubspot",
    "declare_holdout",
    "disconnect_hubspot",
    "erase_person",
    "follow",
    "follow_link",
    "forget_clicks",
    "forget_devices",
    "hubspot_connection",
    "import_deals",
    "ingest_deals",
    "learn_stages",
    "learn_weights",
    "make_link",
    "process_deal_change",
    "process_event",
    "restore_stage_model",
    "restore_weights",
    "revalue_deals",
    "sync_hubspot",
    "take_landing",
    "take_webhook",
    "track_click",
    "track_clicks",
    "value_stage_change",
]
