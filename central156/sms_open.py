"""Which carrier the settings name, and what sends through it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from callflow.serving import Serving
from central156.settings import Settings
from central156.sms_acts import SmsActs
from central156.sms_sender import SmsSender
from outside import TextProvider
from protocol_store import Store
from sms.smpp_account import Long, SmppAccount
from sms.smpp_link import SmppLink
from terms.names import Instant
from terms.text_message import Carrier


def open_sms(
    settings: Settings, store: Store, clock: Callable[[], Instant], epoch: int, serving: Serving
) -> SmsActs:
    """Text messages of this centre; without a carrier in the settings none goes out."""
    never = tuple(filter(None, (one.strip() for one in settings.sms_never_queues.split(","))))
    carrier = _carrier(settings)
    sender = None
    if carrier is not None:
        sender = SmsSender(
            store,
            carrier,
            clock,
            epoch,
            lambda day: bool(serving.current.calendar.holidays.name(day)),
            lambda: never,
            settings.sms_rate,
        )
    return SmsActs(store, clock, sender, lambda: never, settings.out_area)


def _carrier(settings: Settings) -> Carrier | None:
    if settings.sms_smpp:
        host, _, port = settings.sms_smpp.rpartition(":")
        return SmppLink(
            SmppAccount(
                host,
                int(port),
                settings.sms_system_id,
                _secret(settings, "sms_password"),
                settings.sms_sender,
                system_type=settings.sms_system_type,
                prefix=settings.sms_prefix,
                long=Long(settings.sms_long),
                tls=settings.sms_tls,
            )
        )
    if settings.sms_http:
        return TextProvider(
            settings.sms_http,
            settings.sms_sender,
            _secret(settings, "sms_token"),
            settings.sms_http_keeps_ids,
            settings.sms_prefix,
        )
    return None


def _secret(settings: Settings, name: str) -> str:
    with contextlib.suppress(FileNotFoundError):
        return settings.secret(name)
    return ""
