"""REMEMBERS: protocol numbers, facts, calls, offers, recordings, tasks, people, through SQLAlchemy.

Decides: what is durable, in what order, and that nothing is stored twice.
Never: makes a decision about a call, and never lets a slow database hold one up.
Start at `store.py` (what others call), then `journal_book.py` (durable first), `writer.py` (the one
thread that writes to the database), `projections.py` (how facts become tables) and `tables.py`
(what those tables mean).
"""

from protocol_store.answers import AgentStatus, CallRow, CallStory, ServiceSummary, Task
from protocol_store.errors import (
    NameTaken,
    NameUnknown,
    NotLeading,
    NumbersExhausted,
    ProtocolOverdue,
    RecordBroken,
    SchemaUnknown,
    StoreError,
    StoreFailing,
    StoreOverdue,
    VersionDecided,
    VersionUnknown,
)
from protocol_store.lag import Lag
from protocol_store.masking import masked_number
from protocol_store.operations import Order
from protocol_store.people import Agent, Person, Role, secret_digest
from protocol_store.rescue import RescueRecord
from protocol_store.status import PublicStatus
from protocol_store.store import Store
from protocol_store.versions import Served, Version, VersionState
from protocol_store.work_records import PauseRow, PlannedRow, SessionRow, WorkLeft, WorkRecords

__all__ = [
    "Agent",
    "AgentStatus",
    "CallRow",
    "CallStory",
    "Lag",
    "NameTaken",
    "NameUnknown",
    "NotLeading",
    "NumbersExhausted",
    "Order",
    "PauseRow",
    "Person",
    "PlannedRow",
    "ProtocolOverdue",
    "PublicStatus",
    "RecordBroken",
    "RescueRecord",
    "Role",
    "SchemaUnknown",
    "Served",
    "ServiceSummary",
    "SessionRow",
    "Store",
    "StoreError",
    "StoreFailing",
    "StoreOverdue",
    "Task",
    "Version",
    "VersionDecided",
    "VersionState",
    "VersionUnknown",
    "WorkLeft",
    "WorkRecords",
    "masked_number",
    "secret_digest",
]
