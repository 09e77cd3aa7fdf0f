"""What a line may do for those who wait on 156 besides playing music: foretell, and call back.

    previsao   how many stand ahead and how long it will be, at entry and at intervals (R25)
    retorno    one key, when it will be long: we call back when the turn comes (R26)

A line whose plan says nothing of them does neither.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.texts import Texts
from terms.limits import CALL_BACK_LONGER_THAN, CALL_BACK_OFFER_EVERY, FORECAST_EVERY
from terms.names import Seconds


@dataclass(frozen=True, slots=True)
class ForecastPlan:
    """`ahead_text` has the gap `na_frente`, `wait_text` the gap `espera` (ivr/forecast.py). Said
    once, and again `forecast_seconds` later if it has changed by then. () = nothing is foretold.
    """

    ahead_text: Texts = ()
    wait_text: Texts = ()
    forecast_seconds: Seconds = FORECAST_EVERY


@dataclass(frozen=True, slots=True)
class CallBackPlan:
    """`offer_text` is said when the wait may be `longer_than`, and each `offer_seconds` while it
    is; `call_back_key` then asks for it ('' = never), `confirm_text` says which number is called
    and takes 1 for yes. `promised_text`, then the protocol, when it is durable; `unpromised_text`
    when it is not, and the caller waits on."""

    call_back_key: str = ""
    longer_than: Seconds = CALL_BACK_LONGER_THAN
    offer_seconds: Seconds = CALL_BACK_OFFER_EVERY
    offer_text: Texts = ()
    confirm_text: Texts = ()
    promised_text: Texts = ()
    unpromised_text: Texts = ()
