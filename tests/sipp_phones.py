"""SIPp as citizens and as agents' phones, on a bed of switchbed.py.

SIPp writes down every message with its instant; `CallTrace` reads that, so a test can ask who
hung up and how long something took.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from switchbed import CALLER, LOOPBACK, Bed, password_of

FOREVER_MS = 600_000
SPEECH_SECONDS = 8.0
KEY_MS = 400
KEY_FILES = {"*": "star", "#": "pound"}
PCAPS = Path("/usr/share/sip-tester")
"""Of Debian's package: each key as RFC 4733 sends it (payload 101), and some speech (A-law)."""


@dataclass(frozen=True)
class Message:
    """One SIP message. `at` is seconds since 1970 by the machine's clock."""

    at: float
    sent: bool
    text: str

    @property
    def code(self) -> int:
        """The status of a response; 0 for a request."""
        found = re.match(r"SIP/2\.0 (\d{3})", self.text)
        return int(found[1]) if found else 0

    def header(self, name: str) -> str:
        """A header's value, or ''."""
        found = re.search(rf"^{name}:[ \t]*(.*?)\r?$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    def is_request(self, method: str) -> bool:
        """Whether it is an INVITE, BYE, …"""
        return self.text.startswith(method + " ")


@dataclass(frozen=True)
class CallTrace:
    """All messages of one SIP call, in order."""

    messages: tuple[Message, ...]

    @property
    def code(self) -> int:
        """The final response to the last INVITE; 0 when there was none."""
        codes = [m.code for m in self.messages if m.code >= 200 and "INVITE" in m.header("CSeq")]
        return codes[-1] if codes else 0

    @property
    def invite(self) -> Message:
        """The first INVITE."""
        return next(m for m in self.messages if m.is_request("INVITE"))

    @property
    def answered_at(self) -> float:
        """When the 200 to the INVITE went by."""
        return next(m.at for m in self.messages if m.code == 200 and "INVITE" in m.header("CSeq"))

    @property
    def bye(self) -> Message | None:
        """The BYE; `sent` says whether SIPp hung up. None when nobody did."""
        return next((m for m in self.messages if m.is_request("BYE")), None)


def read_traces(file: Path) -> list[CallTrace]:
    """The calls in a message file of SIPp's, in the order of their first message."""
    if not file.exists():
        return []
    raw = file.read_bytes().decode("utf-8", errors="replace")
    calls: dict[str, list[Message]] = {}
    parts = re.split(r"^-{20,} (\d{4}-\d\d-\d\d)[ \t]+(\d\d:\d\d:\d\d\.\d+).*\n", raw, flags=re.M)
    for day, clock, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        at = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=UTC).timestamp()
        head, _, text = body.partition("\n")
        message = Message(at, "sent" in head, text.lstrip("\r\n"))
        calls.setdefault(message.header("Call-ID"), []).append(message)
    return [CallTrace(tuple(messages)) for messages in calls.values()]


@dataclass
class SippRun:
    """A SIPp that runs."""

    process: subprocess.Popen[bytes]
    trace: Path
    errors: Path

    def calls(self) -> list[CallTrace]:
        """What it saw so far (SIPp flushes at every message)."""
        return read_traces(self.trace)

    def wait(self, seconds: float) -> list[CallTrace]:
        """Wait for its end; its calls. Fails when it takes longer."""
        try:
            self.process.wait(seconds)
        finally:
            self.kill()
        return self.calls()

    def kill(self) -> None:
        """End it at once, without a word to the switch: a phone whose power is cut."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def start_sipp(bed: Bed, scenario: str, target_port: int, *options: str, port: int = 0) -> SippRun:
    """Start SIPp with this scenario's text, in the background."""
    file = bed.fresh("scenario.xml")
    file.write_text(scenario)
    trace, errors = file.with_suffix(".messages"), file.with_suffix(".errors")
    port = port or bed.free_port()
    command = ["sipp", f"{LOOPBACK}:{target_port}", "-sf", str(file), "-i", LOOPBACK]
    command += ["-mi", LOOPBACK, "-p", str(port), "-mp", str(bed.free_port()), "-nostdin"]
    command += ["-trace_msg", "-message_file", str(trace), "-trace_err", "-error_file", str(errors)]
    process = subprocess.Popen(
        [*command, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TZ": "UTC", "TERM": "dumb"},
    )
    run = SippRun(process, trace, errors)
    bed.runs.append(run)
    return run


# --- citizens ---------------------------------------------------------------------------------


def start_calls(
    bed: Bed,
    number: str,
    *,
    caller: str = CALLER,
    from_header: str = "",
    headers: Sequence[str] = (),
    keys: Mapping[float, str] | None = None,
    hang_up_after: float | None = None,
    times: int = 1,
    rate: float = 50.0,
    sound: bool = True,
    expect: int = 200,
    patience: float = 30.0,
) -> SippRun:
    """Citizens who dial `number`, in the background.

    keys: seconds after the answer (or after the key before) → a key, RFC 4733 (needs root: SIPp
    plays them as raw packets). hang_up_after: seconds after the last key; None waits for the
    switch to hang up, at most `patience`.
    """
    tone = bed.tone() if sound else None
    scenario = _citizen(number, from_header, caller, headers, keys or {}, hang_up_after,
                        expect, patience, tone)  # fmt: skip
    options = ["-m", str(times), "-l", str(times), "-r", str(rate)]
    return start_sipp(bed, scenario, bed.settings.trunk_port, *options)


def sipp_call(bed: Bed, number: str, **how: object) -> CallTrace:
    """One citizen's call (see start_calls), from dialling to its end."""
    patience = float(how.get("patience", 30.0))  # type: ignore[arg-type]
    run = start_calls(bed, number, **how)  # type: ignore[arg-type]
    calls = run.wait(patience + 15.0)
    assert calls, run.errors.read_text() if run.errors.exists() else "SIPp made no call"
    return calls[0]


def _citizen(
    number: str,
    from_header: str,
    caller: str,
    headers: Sequence[str],
    keys: Mapping[float, str],
    hang_up_after: float | None,
    expect: int,
    patience: float,
    tone: Path | None,
) -> str:
    # Keys leave from another port than streamed sound, and the switch believes one port only: a
    # citizen who presses keys speaks from a capture instead.
    streamed = tone is not None and not keys
    sender = from_header or f"<sip:{caller}@[local_ip]:[local_port]>"
    extra = "".join(f"{header}\n" for header in headers)
    invite = (
        _request("INVITE", number, sender, 1, f"Supported: 100rel\n{extra}" if extra else "")
        + _sdp(streamed)
    )  # fmt: skip
    answers = "".join(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 181, 183))
    ack = _send(_request("ACK", number, sender, 1, "", to_tag="[peer_tag_param]") + NO_BODY)
    begin = _send(invite, retrans=True) + answers
    if expect != 200:
        return _scenario(begin + f'<recv response="{expect}"/>' + ack)
    pressing = "".join(
        f'<pause milliseconds="{round(after * 1000)}"/>'
        + _play(PCAPS / f"dtmf_2833_{KEY_FILES.get(key, key)}.pcap")
        + f'<pause milliseconds="{KEY_MS}"/>'  # whatever is played next would cut the key off
        for after, key in keys.items()
    )
    last = patience if hang_up_after is None else hang_up_after
    bye = _send(
        _request("BYE", number, sender, 2, "", to_tag="[peer_tag_param]") + NO_BODY, retrans=True
    )
    return _scenario(
        begin
        + '<recv response="200" rrs="true"/>'
        + ack
        + (_stream(tone) if streamed else "")
        + pressing
        + _wait_for_bye(last, spoken=tone is not None and not streamed)
        + _send(OK_TO_LAST)
        + '<nop next="2"/>'
        + f'<label id="1"/>{bye}<recv response="200"/><label id="2"/>'
    )


def _wait_for_bye(seconds: float, spoken: bool) -> str:
    """Wait for the switch to hang up (then go on) or for the time to be over (then to label 1)."""
    if not spoken:
        return f'<recv request="BYE" timeout="{round(seconds * 1000)}" ontimeout="1"/>'
    parts, label = [], 100
    while seconds > 0:
        following = label + 1 if seconds > SPEECH_SECONDS else 1
        wait = round(min(seconds, SPEECH_SECONDS) * 1000)
        parts.append(f'<label id="{label}"/>' + _play(PCAPS / "g711a.pcap"))
        parts.append(f'<recv request="BYE" timeout="{wait}" ontimeout="{following}" next="99"/>')
        seconds, label = seconds - SPEECH_SECONDS, label + 1
    return "".join(parts) + '<label id="99"/>'


# --- agents -----------------------------------------------------------------------------------


@dataclass
class AgentPhone:
    """The phone of an agent whose account the bed made (see AGENTS there)."""

    bed: Bed
    name: str
    port: int = 0

    def __post_init__(self) -> None:
        self.port = self.port or self.bed.free_port()

    def register(self, seconds: int = 3600) -> None:
        """Register (0: unregister) at the switch; calls then ring at this phone's port."""
        scenario = _scenario(
            _send(self._register_text(1, seconds, ""), retrans=True)
            + '<recv response="401" auth="true"/>'
            + _send(self._register_text(2, seconds, self._credentials()), retrans=True)
            + '<recv response="200"/>'
        )
        run = self._run(scenario, "-m", "1", port=self.port)
        run.wait(10.0)
        assert run.process.returncode == 0, run.trace.read_text()

    def dial(self, code: str, hang_up_after: float | None = None) -> CallTrace:
        """Call from this phone (a phone code: *11 …); the call, once it is over."""
        sender = f"<sip:{self.name}@[local_ip]:[local_port]>"
        first = _request("INVITE", code, sender, 1, "") + _sdp(False)
        again = _request("INVITE", code, sender, 2, self._credentials() + "\n") + _sdp(False)
        refused = _request("ACK", code, sender, 1, "", to_tag="[peer_tag_param]") + NO_BODY
        ack = _request("ACK", code, sender, 2, "", to_tag="[peer_tag_param]") + NO_BODY
        bye = _request("BYE", code, sender, 3, "", to_tag="[peer_tag_param]") + NO_BODY
        last = 30.0 if hang_up_after is None else hang_up_after
        scenario = _scenario(
            _send(first, retrans=True)
            + '<recv response="100" optional="true"/><recv response="401" auth="true"/>'
            + _send(refused)
            + _send(again, retrans=True)
            + '<recv response="100" optional="true"/><recv response="180" optional="true"/>'
            + '<recv response="200"/>'
            + _send(ack)
            + f'<recv request="BYE" timeout="{round(last * 1000)}" ontimeout="1"/>'
            + _send(OK_TO_LAST)
            + '<nop next="2"/>'
            + f'<label id="1"/>{_send(bye, retrans=True)}<recv response="200"/><label id="2"/>'
        )
        return self._run(scenario, "-m", "1").wait(45.0)[0]

    def start_listening(
        self,
        *,
        ring: float = 0.05,
        answer: int = 200,
        talk: float | None = None,
        echo: bool = True,
    ) -> SippRun:
        """Let it ring `ring` seconds, then answer (200) or refuse (486, 603 …), again and again.

        talk: seconds after which the agent hangs up; None waits for the switch. A phone that
        never answers has a long `ring`; CANCEL is obeyed. What it hears it sends back; without
        `echo` it sends no sound at all.
        """
        options = ("-rtp_echo",) if echo else ()
        run = self._run(_agent(ring, answer, talk), *options, port=self.port)
        time.sleep(0.1)  # until it listens
        assert run.process.poll() is None, run.errors.read_text()
        return run

    @contextlib.contextmanager
    def listening(self, **how: object) -> Iterator[SippRun]:
        """start_listening for as long as the block lasts."""
        run = self.start_listening(**how)  # type: ignore[arg-type]
        try:
            yield run
        finally:
            run.kill()

    def _run(self, scenario: str, *options: str, port: int = 0) -> SippRun:
        return start_sipp(self.bed, scenario, self.bed.settings.agents_port, *options, port=port)

    def _credentials(self) -> str:
        return f"[authentication username={self.name} password={password_of(self.name)}]"

    def _register_text(self, sequence: int, seconds: int, credentials: str) -> str:
        who = f"<sip:{self.name}@[remote_ip]>"
        return (
            "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n"
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
            f"From: {who};tag=[pid]SIPpTag00[call_number]\n"
            f"To: {who}\n"
            "Call-ID: [call_id]\n"
            f"CSeq: {sequence} REGISTER\n"
            f"Contact: <sip:{self.name}@[local_ip]:[local_port]>\n"
            f"Expires: {seconds}\n"
            "Max-Forwards: 70\n" + (credentials + "\n" if credentials else "") + NO_BODY
        )


def _agent(ring: float, answer: int, talk: float | None) -> str:
    tag = "[pid]SIPpTag01[call_number]"

    def response(status: str, sequence: str = "[last_CSeq:]", via: str = "[last_Via:]") -> str:
        return (
            f"SIP/2.0 {status}\n{via}\n[last_From:]\n[last_To:];tag={tag}\n[last_Call-ID:]\n"
            f"{sequence}\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
        )

    saved = {"sequence": "CSeq: [$6] INVITE", "via": "Via:[$5]"}
    if answer != 200:
        final = _send(response(f"{answer} No", **saved) + NO_BODY) + '<recv request="ACK"/>'
    else:
        final = (
            _send(response("200 OK", **saved) + _sdp(False), retrans=True)
            + '<recv request="ACK"/>'
            + f'<recv request="BYE" timeout="{round((talk or 600.0) * 1000)}" ontimeout="2"/>'
            + _send(OK_TO_LAST)
            + '<nop next="3"/><label id="2"/>'
            + _send(
                "BYE [$4] SIP/2.0\n"
                "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
                f"From:[$2];tag={tag}\nTo:[$1]\nCall-ID: [call_id]\nCSeq: 1 BYE\n"
                "Max-Forwards: 70\n" + NO_BODY,
                retrans=True,
            )
            + '<recv response="200"/>'
        )
    return _scenario(
        '<recv request="INVITE"><action>'
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="1"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="2"/>'
        '<ereg regexp="&lt;(.*)&gt;" search_in="hdr" header="Contact:" assign_to="3,4"/>'
        '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="5"/>'
        '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="6"/>'
        "</action></recv>"
        + _send(response("180 Ringing") + NO_BODY)
        + f'<recv request="CANCEL" timeout="{max(1, round(ring * 1000))}" ontimeout="1"/>'
        + _send(response("200 OK") + NO_BODY)
        + _send(response("487 Cancelled", **saved) + NO_BODY)
        + '<recv request="ACK" next="3"/>'
        + f'<label id="1"/>{final}<label id="3"/>'
        + '<Reference variables="1,2,3,4,5,6"/>'
    )


def holding_agent(phone: AgentPhone, direction: str, seconds: float) -> SippRun:
    """A phone that answers, puts the citizen on hold at once (`direction` of its SDP), sends no
    sound for `seconds`, and hangs up."""
    tag = "[pid]SIPpTag01[call_number]"

    def response(status: str) -> str:
        return (
            f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag={tag}\n[last_Call-ID:]\n"
            "[last_CSeq:]\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
        )

    def request(method: str, sequence: int, body: str) -> str:
        return (
            f"{method} [$4] SIP/2.0\n"
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
            f"From:[$2];tag={tag}\nTo:[$1]\nCall-ID: [call_id]\nCSeq: {sequence} {method}\n"
            f"Contact: <sip:[local_ip]:[local_port]>\nMax-Forwards: 70\n{body}"
        )

    hold = _sdp(False) + f"a={direction}\n"
    scenario = _scenario(
        '<recv request="INVITE"><action>'
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="1"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="2"/>'
        '<ereg regexp="&lt;(.*)&gt;" search_in="hdr" header="Contact:" assign_to="3,4"/>'
        "</action></recv>"
        + _send(response("180 Ringing") + NO_BODY)
        + _send(response("200 OK") + _sdp(False), retrans=True)
        + '<recv request="ACK"/><pause milliseconds="500"/>'
        + _send(request("INVITE", 1, hold), retrans=True)
        + '<recv response="100" optional="true"/><recv response="200"/>'
        + _send(request("ACK", 1, NO_BODY))
        + f'<recv request="BYE" timeout="{round(seconds * 1000)}" ontimeout="2"/>'
        + _send(OK_TO_LAST)
        + '<nop next="3"/><label id="2"/>'
        + _send(request("BYE", 2, NO_BODY), retrans=True)
        + '<recv response="200"/><label id="3"/><Reference variables="1,2,3,4"/>'
    )
    run = phone._run(scenario, port=phone.port)
    time.sleep(0.1)
    return run


# --- scenario text ----------------------------------------------------------------------------

NO_BODY = "Content-Length: 0\n\n"
OK_TO_LAST = (
    "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
    "Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n" + NO_BODY
)


def _scenario(body: str) -> str:
    return f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="bed">{body}</scenario>\n'


def _send(text: str, retrans: bool = False) -> str:
    attribute = ' retrans="500"' if retrans else ""
    return f"\n<send{attribute}><![CDATA[\n{text}\n]]></send>\n"


def _request(
    method: str, number: str, sender: str, sequence: int, extra: str, to_tag: str = ""
) -> str:
    return (
        f"{method} sip:{number}@[remote_ip]:[remote_port] SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: {sender};tag=[pid]SIPpTag00[call_number]\n"
        f"To: <sip:{number}@[remote_ip]:[remote_port]>{to_tag}\n"
        "Call-ID: [call_id]\n"
        f"CSeq: {sequence} {method}\n"
        "Contact: <sip:phone@[local_ip]:[local_port]>\n"
        f"Max-Forwards: 70\n{extra}"
    )


def _sdp(streamed: bool) -> str:
    port = "[rtpstream_audio_port]" if streamed else "[media_port]"
    return (
        "Content-Type: application/sdp\nContent-Length: [len]\n\n"
        "v=0\no=phone 1 1 IN IP[local_ip_type] [local_ip]\ns=-\n"
        "c=IN IP[media_ip_type] [media_ip]\nt=0 0\n"
        f"m=audio {port} RTP/AVP 8 101\n"
        "a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
    )


def _play(pcap: Path) -> str:
    return f'<nop><action><exec play_pcap_audio="{pcap}"/></action></nop>'


def _stream(tone: Path) -> str:
    return f'<nop><action><exec rtp_stream="{tone},-1,8,PCMA/8000"/></action></nop>'
