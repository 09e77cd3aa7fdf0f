"""The cap on calls that find nobody is of the hour by the clock (R63): a process that begins in the
middle of an hour goes on with what the hour has brought, not with a clean sheet."""

from __future__ import annotations

from dial_bed import NAME, NOON, DialBed, campaign, contact

from dialer.campaign import Mode
from terms.limits import DROPS_SHARE
from terms.names import CampaignName


async def test_a_new_process_goes_on_with_the_hour() -> None:
    bed = DialBed(campaigns=(campaign(mode=Mode.PREDICTIVE),))
    bed.add(contact(1))
    bed.at = NOON + 600.0
    await bed.start()
    await bed.next_process()
    bed.dialler.found_hours({NAME: (100, 3), CampaignName("de_ontem"): (5, 5)})
    turns = bed.dialler.dialling.campaigns[NAME]
    assert (turns.hour.answers, turns.hour.dropped) == (100, 3)
    assert turns.hour.budget(bed.at) == DROPS_SHARE * 100 - 3
    told = bed.dialler.progress(NAME)
    assert told is not None
    assert (told.hour_answers, told.hour_dropped) == (100, 3)
    await bed.settle(3_600.0)
    assert turns.hour.at(bed.at).dropped == 0  # the next hour is another one
    await bed.dialler.leave()
