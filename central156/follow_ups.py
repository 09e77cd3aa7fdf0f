"""What follows calls by itself: who is owed one is called by campaigns, and whoever agreed gets the
protocol number as a text. Neither is needed to serve anybody, so both begin last."""

from __future__ import annotations

import contextlib
import time

from callflow.dialler import Dialler
from callflow.visit import Tools
from central156.campaign_tasks import CampaignTasks
from central156.settings import Settings
from central156.settings_sms import split_rules
from central156.sms_acts import SmsActs
from central156.sms_after_calls import AfterCalls
from protocol_store import Store


def begin_follow_ups(
    settings: Settings, store: Store, tools: Tools, sms: SmsActs, stack: contextlib.AsyncExitStack
) -> None:
    """Text messages are sent, and all that follows calls is done, until the stack is closed."""
    sms.begin(stack)
    rules = split_rules(settings.sms_protocol)
    AfterCalls(sms, tools.keeper, tools.book, rules, settings.sms_result).begin(stack)
    if isinstance(tools.dialler, Dialler):
        area = settings.out_area
        CampaignTasks(store, tools.dialler, tools.keeper, area, time.time).begin(stack)
