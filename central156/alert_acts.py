"""Mass alerts for the API (console.ports_alerts): made, and then started and stopped as the
campaigns that they are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from central156.alerts import (
    KEYS,
    Alert,
    NotAnAlert,
    answers_for,
    checked_attempts,
    chosen,
    file_of,
    keys_of,
)
from central156.campaign_acts import CampaignActs
from central156.campaign_check import reread
from central156.refusals import asked
from central156.settings import Settings
from central156.settings_out import split_identities
from console.ports import Plain, Refusal
from console.ports_campaigns import Asker, Scope
from dialer.campaign import KeyMeans, Kind
from protocol_store import Store
from reader import DialplanMistakes
from reader.campaign_file import CampaignFile, read_campaign
from reader.contact_list import Mapped
from reader.contact_sheets import ListUnreadable, as_text
from terms.names import CampaignName

LINE = "199"


class AlertActs:
    """See the file's top."""

    def __init__(self, settings: Settings, store: Store, campaigns: CampaignActs) -> None:
        self._settings, self._store, self._campaigns = settings, store, campaigns

    async def alerts(self, scope: Scope) -> Sequence[Plain]:
        """Every alert that is theirs."""
        found = await self._campaigns.campaigns(scope)
        return [one for one in found if one["kind"] == Kind.ALERT.value]

    async def alert(self, name: CampaignName, scope: Scope) -> Plain:
        """How far it is, and what it says. Refusal 404."""
        read = await self._read(name, scope)
        far = await self._campaigns.progress(name, scope)
        return {**far, **await self._beside(name, read)}

    async def make(self, wanted: Mapping[str, Any], by: Asker) -> Plain:
        """See console.ports_alerts. The text is recorded before anything is kept."""
        try:
            made = await self._alert(wanted, by)
            content = file_of(made)
            mapped = Mapped(default_area=self._settings.out_area)
            csv = as_text(wanted["csv"])
            numbers = await asyncio.to_thread(chosen, csv, mapped, wanted["where"])
        except NotAnAlert as wrong:
            raise Refusal(422, str(wrong)) from None
        except ListUnreadable as wrong:
            raise Refusal(422, f"{wanted['file']}: {wrong}") from None
        if not numbers.contacts:
            raise Refusal(422, "nenhuma linha da lista serve")
        name = CampaignName(made.name)
        read = self._proved(name, content)
        if why := await self._campaigns.speaks(read):
            raise Refusal(409, why)
        await self._campaigns.make(name, content, by)
        done = await self._campaigns.load(name, wanted["file"], numbers.content.decode(), by)
        mistakes = [
            {"line": one.line, "column": one.column, "mistake": one.message}
            for one in numbers.mistakes[:SHOWN]
        ]
        told = {"listed": numbers.read, "wrong": numbers.wrong, "mistakes": mistakes}
        return {**await self.alert(name, by.scope), "loaded": done["contacts"], **told}

    async def start(self, name: CampaignName, by: Asker) -> Plain:
        """Dial. Refusal 403, 404, 409."""
        read = await self._read(name, by.scope)
        return {**await self._campaigns.start(name, by), **await self._beside(name, read)}

    async def stop(self, name: CampaignName, because: str, by: Asker) -> Plain:
        """For good. Refusal 404, 409."""
        read = await self._read(name, by.scope)
        done = await self._campaigns.stop(name, because, by)
        return {**done, **await self._beside(name, read)}

    # --- how it works ---
    async def _read(self, name: CampaignName, scope: Scope) -> CampaignFile | None:
        row, read = await self._campaigns.views.row(name, scope)
        if row.kind != Kind.ALERT.value:
            raise Refusal(404, f"não há alerta guardado com o nome {name}")
        return read if read is not None else reread(row)

    async def _beside(self, name: CampaignName, read: CampaignFile | None) -> Plain:
        """What an alert tells beside a campaign's progress."""
        _, attempts = await self._campaigns.views.counts(name)
        return {
            "asked_person": attempts.said.get(KeyMeans.PERSON.value, 0),
            "text": "" if read is None else read.spoken,
        }

    async def _alert(self, wanted: Mapping[str, Any], by: Asker) -> Alert:
        persons = await asked(self._store.persons())
        shown = split_identities(self._settings.out_identities).get(LINE, "")
        shown = wanted["caller_id"] or shown
        if not shown:
            raise NotAnAlert("diga o número que o cidadão vê (caller_id)")
        return Alert(
            name=wanted["name"],
            text=wanted["text"],
            subject=wanted["subject"],
            supervisor=answers_for(wanted["supervisor"] or by.name, persons),
            caller_id=shown,
            trunks=wanted["trunks"] or sorted(self._campaigns.views.trunks()),
            queue=wanted["queue"],
            alone=wanted["alone"],
            body=wanted["body"],
            keys=keys_of(f"{key}={word}" for key, word in wanted["keys"].items()) or KEYS,
            attempts=checked_attempts(wanted["attempts"]),
            again=wanted["again"],
        )

    def _proved(self, name: CampaignName, content: str) -> CampaignFile:
        rules = self._campaigns.views.serving.current.queues.rules
        queues = frozenset(str(rule.name) for rule in rules)
        try:
            return read_campaign(content.encode(), f"{name}.yaml", queues, proved=True)
        except DialplanMistakes as wrong:
            raise Refusal(422, "; ".join(one.message for one in wrong.mistakes)) from None


SHOWN = 20
"""Rows of a list that are told with the answer."""
