"""The dialler, for Prometheus: attempts by campaign and result, what is in course, how many answer,
how many contacts are left, and whether all has stopped. Alarms: docker/alerts.yaml.

A label is a campaign that is not over, by the name in its file, or a result of the closed list;
nobody is named. The counts of attempts begin anew with control.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from console.ports import Centre
from console.ports_campaigns import CampaignGauges
from terms.outcome import Tried

CAMPAIGN: Final = ("campaign",)


class Diallings:
    """A collector of prometheus_client."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def describe(self) -> Iterator[Metric]:
        """Nothing to check at registration."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All of it; without figures where nothing is dialled."""
        now = self._centre.campaigns.gauges()
        text = "1: o discador parou sozinho e espera por uma pessoa"
        yield GaugeMetricFamily("central156_dialler_stopped", text, value=int(now.stopped))
        yield _attempts(now.campaigns)
        yield from _gauges(now.campaigns)


def _attempts(campaigns: tuple[CampaignGauges, ...]) -> Metric:
    family = CounterMetricFamily(
        "central156_campaign_attempts",
        "Tentativas de campanhas encerradas, por resultado",
        labels=(*CAMPAIGN, "result"),
    )
    for one in campaigns:
        for result in Tried:  # there from the start: an increase of nothing is not seen
            family.add_metric((one.campaign, result.value), one.results.get(result.value, 0))
    return family


def _gauges(campaigns: tuple[CampaignGauges, ...]) -> Iterator[Metric]:
    text = "Ligações da campanha em curso, tocando ou em conversa"
    course = GaugeMetricFamily("central156_campaign_calls", text, labels=(*CAMPAIGN, "state"))
    text = "Parte das tentativas que alguém atende, ultimamente"
    answers = GaugeMetricFamily("central156_campaign_answer_ratio", text, labels=CAMPAIGN)
    text = "Parte das atendidas desta hora para as quais não havia ninguém"
    dropped = GaugeMetricFamily("central156_campaign_dropped_ratio", text, labels=CAMPAIGN)
    text = "Contatos ainda a chamar"
    left = GaugeMetricFamily("central156_campaign_contacts_left", text, labels=CAMPAIGN)
    for one in campaigns:
        course.add_metric((one.campaign, "ringing"), one.ringing)
        course.add_metric((one.campaign, "talking"), one.talking)
        answers.add_metric((one.campaign,), one.answers)
        dropped.add_metric((one.campaign,), one.dropped)
        if one.to_go is not None:
            left.add_metric((one.campaign,), one.to_go)
    yield from (course, answers, dropped, left)
