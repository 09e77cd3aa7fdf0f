"""A link to an SMSC over SMPP 3.4: bound as transceiver, asked for life, made again when lost.

The library (smpplib) writes and reads the PDUs; the link is ours, because its client blocks. How a
submit ends is told exactly, since nothing may be sent twice (decide.py):

    not bound, or not yet written                 NOT_SENT    certainly not taken
    answered                                      ACCEPTED | THROTTLED | REFUSED | IMPOSSIBLE
    written, no answer within SMPP_ANSWER_WAIT,   LOST        taken or not; if the answer comes
    or the link was lost meanwhile                            after all, `late` tells it

A receipt or a citizen's text is answered only once whoever hears it has it safe: else the SMSC
tells it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Any

from sms import smpp_pdus
from sms.smpp_account import SmppAccount
from sms.smpp_words import OK, meaning
from terms.limits import (
    SMPP_AGAIN_FIRST,
    SMPP_AGAIN_MOST,
    SMPP_ANSWER_WAIT,
    SMPP_CONNECT_WAIT,
    SMPP_ENQUIRE_EVERY,
    SMPP_LATE_KEPT,
    SMPP_PDU_BYTES,
    SMPP_WINDOW,
)
from terms.names import Instant, Seconds
from terms.text_message import Hears, How, Outgoing, PartAnswer, Receipt, TextId

log = logging.getLogger(__name__)

TELL_AGAIN = 0x64  # ESME_RX_T_APPN: not now, tell me again
NO_LINK = "sem enlace com a operadora"
TOO_LATE = "o prazo acabou"
LOST = "o enlace caiu, ou a resposta não veio"
_Submit = tuple[TextId, int, int]
"""A part of a message: whose, which, of how many."""


class SmppLink:
    """terms.text_message.Carrier over SMPP. `enquire` and `answer`: seconds, as in the limits."""

    repeats_safely = False  # SMPP 3.4 knows no id of ours

    def __init__(
        self,
        account: SmppAccount,
        enquire: Seconds = SMPP_ENQUIRE_EVERY,
        answer: Seconds = SMPP_ANSWER_WAIT,
        clock: Callable[[], Instant] = time.time,
    ) -> None:
        self.account, self.name = account, account.name
        self._enquire, self._answer_wait, self._clock = enquire, answer, clock
        self._writer: asyncio.StreamWriter | None = None
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._late: OrderedDict[int, _Submit] = OrderedDict()
        self._window = asyncio.Semaphore(SMPP_WINDOW)
        self._hearing: set[asyncio.Task[None]] = set()

    @property
    def up(self) -> bool:
        """Bound."""
        return self._writer is not None

    # --- sending ---
    async def send(self, message: Outgoing) -> tuple[PartAnswer, ...]:
        """See terms.text_message.Carrier."""
        pdus = smpp_pdus.submits(self.account, message)
        answers = []
        for part, fields in enumerate(pdus, 1):
            if part in message.already:
                continue
            one = await self._submit((message.id, part, len(pdus)), fields, message.valid_until)
            answers.append(one)
            if one.how is not How.ACCEPTED:
                break
        return tuple(answers)

    async def _submit(
        self, whose: _Submit, fields: dict[str, Any], valid_until: Instant
    ) -> PartAnswer:
        _, part, of = whose
        async with self._window:
            writer = self._writer
            if writer is None or writer.is_closing():
                return PartAnswer(part, of, How.NOT_SENT, why=NO_LINK)
            if self._clock() >= valid_until:  # it may have waited long for its turn
                return PartAnswer(part, of, How.NOT_SENT, why=TOO_LATE)
            sequence, answered = self._ask(writer, "submit_sm", **fields)
            try:
                # No answer to us must mean no answer at all: whoever cancels has still sent it.
                answer = await asyncio.wait_for(answered, self._answer_wait)
            except (TimeoutError, ConnectionError):
                self._late[sequence] = whose
                while len(self._late) > SMPP_LATE_KEPT:
                    self._late.popitem(last=False)
                return PartAnswer(part, of, How.LOST, why=LOST)
            finally:
                self._waiting.pop(sequence, None)
        return _answer(part, of, answer)

    def _ask(
        self, writer: asyncio.StreamWriter, command: str, **fields: Any
    ) -> tuple[int, asyncio.Future[Any]]:
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        pdu = smpp_pdus.made(command, self._sequence, **fields)
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._sequence] = answered
        writer.write(pdu.generate())
        return self._sequence, answered

    # --- the link ---
    async def run(self, hears: Hears) -> None:
        """Keep the link until cancelled; never raises anything else."""
        again = SMPP_AGAIN_FIRST
        while True:
            try:
                async with self._bound() as reader:
                    again = SMPP_AGAIN_FIRST
                    await self._talk(reader, hears)
            except (OSError, EOFError, TimeoutError, ValueError) as trouble:
                log.warning("no SMPP link", extra={"carrier": self.name, "why": _short(trouble)})
            except Exception:
                log.exception("the SMPP link failed")
            await asyncio.sleep(again)
            again = min(again * 2, SMPP_AGAIN_MOST)

    @contextlib.asynccontextmanager
    async def _bound(self) -> AsyncIterator[asyncio.StreamReader]:
        account = self.account
        secure = ssl.create_default_context() if account.tls else None
        opening = asyncio.open_connection(account.host, account.port, ssl=secure)
        reader, writer = await asyncio.wait_for(opening, SMPP_CONNECT_WAIT)
        try:
            self._late.clear()  # sequences begin anew with each link
            self._sequence = 0
            sequence, _ = self._ask(writer, "bind_transceiver", **smpp_pdus.binding(account))
            answer = await asyncio.wait_for(_read(reader), SMPP_CONNECT_WAIT)
            self._waiting.pop(sequence, None)
            if answer is None or answer.command != "bind_transceiver_resp" or answer.status != OK:
                status = getattr(answer, "status", -1)
                raise ConnectionError(f"the SMSC let us not in: status {status:#x}")
            self._writer = writer
            log.info("SMPP link", extra={"carrier": self.name})
            yield reader
        finally:
            self._writer = None
            for answered in self._waiting.values():
                if not answered.done():
                    answered.set_exception(ConnectionResetError("link lost"))
                    answered.exception()  # nobody may be waiting for it any more
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, hears: Hears) -> None:
        assert self._writer is not None
        writer, asked = self._writer, False
        reading = asyncio.ensure_future(_read(reader))
        try:
            while True:
                # Whoever says nothing for so long is asked; whoever does not answer that is gone.
                patience = self._answer_wait if asked else self._enquire
                done, _ = await asyncio.wait({reading}, timeout=patience)
                if not done:
                    if asked:
                        raise TimeoutError("no answer to enquire_link")
                    asked = True
                    self._ask(writer, "enquire_link")
                    continue
                asked, pdu = False, reading.result()
                reading = asyncio.ensure_future(_read(reader))
                if pdu is not None and not self._handle(writer, pdu, hears):
                    return
                await writer.drain()
        finally:
            reading.cancel()

    def _handle(self, writer: asyncio.StreamWriter, pdu: Any, hears: Hears) -> bool:
        """False when the SMSC says good-bye."""
        match pdu.command:
            case "enquire_link":
                _reply(writer, "enquire_link_resp", pdu)
            case "deliver_sm":
                self._begin(self._hear(writer, pdu, hears))
            case "unbind":
                _reply(writer, "unbind_resp", pdu)
                return False
            case _ if pdu.is_response():
                answered = self._waiting.pop(pdu.sequence, None)
                if answered is not None and not answered.done():
                    answered.set_result(pdu)
                elif whose := self._late.pop(pdu.sequence, None):
                    self._begin(_tell_late(hears, whose, pdu))
        return True

    async def _hear(self, writer: asyncio.StreamWriter, pdu: Any, hears: Hears) -> None:
        status = OK
        try:
            told = smpp_pdus.delivered(pdu, self._clock())
            if isinstance(told, Receipt):
                await hears.receipt(told)
            elif told is not None:
                await hears.inbound(told)
        except Exception as trouble:  # the SMSC keeps it, and tells it again
            log.warning("not taken from the SMSC", extra={"why": type(trouble).__name__})
            status = TELL_AGAIN
        if not writer.is_closing():
            _reply(writer, "deliver_sm_resp", pdu, status)

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._hearing.add(task)
        task.add_done_callback(self._hearing.discard)


def _answer(part: int, of: int, pdu: Any) -> PartAnswer:
    how, why = meaning(pdu.status)
    carrier_id = smpp_pdus.text_of(getattr(pdu, "message_id", None))
    if pdu.command == "generic_nack" and how is How.ACCEPTED:
        how, why = How.REFUSED, "a operadora não entendeu"
    return PartAnswer(part, of, how, carrier_id, why)


async def _tell_late(hears: Hears, whose: _Submit, pdu: Any) -> None:
    message, part, of = whose
    try:
        await hears.late(message, _answer(part, of, pdu))
    except Exception as trouble:
        log.warning("a late answer was not stored", extra={"why": type(trouble).__name__})


async def _read(reader: asyncio.StreamReader) -> Any:
    """The next PDU; None for one that nobody understands. ValueError: this is no SMPP."""
    length = await reader.readexactly(4)
    size = int.from_bytes(length, "big")
    if not 16 <= size <= SMPP_PDU_BYTES:
        raise ValueError("no PDU is that long")
    octets = length + await reader.readexactly(size - 4)
    return smpp_pdus.parsed(octets)


def _reply(writer: asyncio.StreamWriter, command: str, to: Any, status: int = OK) -> None:
    writer.write(smpp_pdus.made(command, to.sequence, status).generate())


def _short(trouble: BaseException) -> str:
    return f"{type(trouble).__name__}: {trouble}"[:120]
