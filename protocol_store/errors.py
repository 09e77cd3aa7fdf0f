"""What can go wrong between us and the database.

    StoreError
    ├── StoreOverdue        no answer within the budget; the write may still happen, harmlessly
    │   └── ProtocolOverdue     the same, for a call that needs its protocol number now
    ├── StoreFailing        the database is not there, or refuses (reads and the start)
    ├── SchemaUnknown       the tables were made by another release of this program
    ├── NumbersExhausted    no protocol number is left below the rescue range
    ├── NameTaken           a person or an agent of that name is there already
    ├── NameUnknown         nobody of that name is there
    ├── NotLeading          a newer process owns the floor: what this one publishes counts no more
    ├── VersionUnknown      no dialplan of that version was ever handed in
    ├── VersionDecided      a dialplan's state does not allow what was asked
    ├── CampaignMoved       a campaign's state does not allow what was asked
    ├── AttemptRefused      the contact does not wait for this attempt: it must not be made
    └── RecordBroken        a rescue record that cannot be taken in; its text says why

Texts that a person may see are Portuguese; none of them holds a caller's number.
"""

from __future__ import annotations


class StoreError(Exception):
    """Anything this room raises on purpose."""


class StoreOverdue(StoreError):
    """The database did not answer in time. What was asked may still happen."""


class ProtocolOverdue(StoreOverdue):
    """No protocol number within its budget: let the switch's rescue script give one."""


class StoreFailing(StoreError):
    """The database cannot be reached or refuses; the text names the kind of problem only."""


class SchemaUnknown(StoreError):
    """The database's tables are of a release that this program does not know."""


class NumbersExhausted(StoreError):
    """Every block below the rescue range has been drawn."""


class NameTaken(StoreError):
    """The name belongs to somebody else."""


class NameUnknown(StoreError):
    """Nobody has that name."""


class NotLeading(StoreError):
    """Another process has taken the lead since; this one must not decide what serves."""


class VersionUnknown(StoreError):
    """No dialplan of that version was ever handed in."""


class VersionDecided(StoreError):
    """The version is there already, was decided already, or was not approved."""


class CampaignMoved(StoreError):
    """The campaign is in another state meanwhile."""


class AttemptRefused(StoreError):
    """The contact is in another attempt, is done, or has had this one: nobody is rung for it."""


class RecordBroken(StoreError):
    """A rescue record that is not what the rescue script writes."""
