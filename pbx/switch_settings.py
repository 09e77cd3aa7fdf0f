"""All that Asterisk must know of us, and where it may write.

`configuration.py` puts it into Asterisk's files; `central156/switch.py` makes it of our settings.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from pbx.out_trunks import OutTrunk
from terms import limits

_SOCKET_PATH_BYTES = 90  # the system allows 108 for the whole path of a Unix socket


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSettings:
    """All that Asterisk must know of us. Seconds where a name does not say otherwise."""

    folder: Path  # everything that Asterisk writes
    recordings_dir: Path
    rescue_dir: Path  # the rescue script's counter and spool
    events_secret: str = field(repr=False)  # AMI users' passwords
    actions_secret: str = field(repr=False)
    test_mark: str = field(repr=False)  # what X-Central156-Test must hold for C156_TEST=1 …
    proof_mark: str = field(repr=False)  # … and for C156_TEST=proof
    node: str = "n1"
    rescue_range: int = 0  # which part of the reserved numbers is this node's
    bind: str = "127.0.0.1"  # AGI and AMI: whoever reaches these owns the switch
    sip_bind: str = ""  # the trunk, the phones and their sound; "" = bind
    trunk_port: int = 15600
    agents_port: int = 15602
    agi_host: str = "127.0.0.1"
    agi_port: int = 15604
    ami_port: int = 15605
    rtp_first: int = 20000
    rtp_last: int = 29999
    trunk_peers: str = "127.0.0.0/8"  # networks of the carriers, separated by commas
    collect_call_header: str = "P-Asserted-Service-Info: Backward collect call"
    record: bool = True
    prompts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """PROMPT_NAMES to files without their extension; one that is missing is not said."""
    time_zone: str = "America/Sao_Paulo"  # of the day in a recording's path
    cap_156: int = limits.CALLS_156
    trunks: tuple[OutTrunk, ...] = ()  # the carriers that take our calls, the usual one first
    out_trunk: str = ""  # where none is listed: host:port of the only one; "" = none goes out
    out_prefix: str = ""  # digits before every number that is dialled there
    out_channels: int = limits.OUT_CHANNELS
    out_per_second: int = limits.OUT_PER_SECOND
    out_per_hour: int = limits.OUT_PER_HOUR
    out_per_number: int = limits.OUT_PER_NUMBER
    ring_seconds: float = limits.RING_SECONDS
    rtp_timeout: int = limits.RTP_SILENCE
    rtp_timeout_hold: int = limits.RTP_SILENCE_ON_HOLD
    qualify_seconds: int = limits.PHONE_QUALIFY_EVERY  # 0: phones are not asked whether they live
    open_files: int = limits.OPEN_FILES
    python: Path = Path(sys.executable)  # runs the rescue script; must find pyst2

    @property
    def sip_address(self) -> str:
        """Where SIP and sound are."""
        return self.sip_bind or self.bind

    @property
    def etc(self) -> Path:
        """The generated configuration."""
        return self.folder / "etc"

    @property
    def run(self) -> Path:
        """The control socket's folder; elsewhere when the path would be too long for a socket."""
        usual = self.folder / "run"
        if len(str(usual)) <= _SOCKET_PATH_BYTES:
            return usual
        short = sha256(str(usual).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"central156-{os.getuid()}-{short}"

    @property
    def spool(self) -> Path:
        """Where Asterisk keeps what it is still working on."""
        return self.folder / "spool"

    @property
    def log(self) -> Path:
        """Asterisk's own log, the console's, and the CEL file."""
        return self.folder / "log"

    @property
    def db(self) -> Path:
        """Asterisk's own small database: registrations and queue members."""
        return self.folder / "db"

    @property
    def keys(self) -> Path:
        """Unused by us; Asterisk wants it."""
        return self.folder / "keys"

    @property
    def agi(self) -> Path:
        """Scripts that Asterisk starts itself."""
        return self.folder / "agi"

    @property
    def cel_file(self) -> Path:
        """What happened on the switch, for `recover` (asterisk-conf/cel_custom.conf)."""
        return self.log / "cel-custom" / "Master.csv"
