"""Follows chains of facts, and finds what was done to them: altered, removed, put in between.

`Walk` is told rows in their order, and needs no more memory for ten million than for ten: of each
site it knows the link before, and of rows whose content is not what was chained, only the digest of
their content now, until a later fact `data_erased` attests just that (one of another site may come
first: two chains that were merged have no common order). What still is doubtful at the end was
altered. Digests that a chain must have somewhere (of heads) are met on the way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from protocol_store import chain
from terms.facts import Kind
from terms.limits import CHAIN_DOUBTS, CHAIN_FINDINGS, CHAIN_ROWS

ALTERED: Final = "altered"  # a row says something else than when it was chained
DIGEST: Final = "digest"  # only its digest was altered
REMOVED: Final = "removed"  # rows are missing
INSERTED: Final = "inserted"  # a row that was never chained
MOVED: Final = "moved"  # a row that stands where another should
REWRITTEN: Final = "rewritten"  # all is well in itself, but a head says otherwise
CUT: Final = "cut"  # a head is of facts that are not there: the end is missing
DAY: Final = "day"  # what is stored of a day does not fit the days beside it
SIGNATURE: Final = "signature"  # a day's signature does not hold
UNKNOWN_KEY: Final = "unknown_key"  # it holds, but for a key that nobody vouches for
UNSIGNED: Final = "unsigned"  # nobody has signed anything behind it

NEXT_OF_SITE: Final = text(
    "SELECT id, site, ordinal, digest, writer, sequence, at, kind, call_id, agent, by_whom, "
    "details, violation FROM facts WHERE site = :site AND ordinal > :after "
    "ORDER BY ordinal LIMIT :count"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was done. `first` to `last` are ordinals of the site's chain; `fact` the id
    of the row at hand, or of the one behind what is missing (0: there is none)."""

    what: str
    site: str
    first: int
    last: int
    fact: int = 0
    day: str = ""


@dataclass(slots=True)
class _Site:
    """How far a site's chain was followed."""

    ordinal: int = 0
    digest: str = ""
    computed: str = ""  # what the last row's digest should be, if that is not what it says


@dataclass(frozen=True, slots=True)
class _Doubt:
    fact: int
    left: bytes  # the digest of its content as it is now


@dataclass(slots=True)
class Walk:
    """Follows the chains of all sites at once. See the top of this file."""

    count: int = 0
    erased: int = 0  # rows whose altered content was attested
    findings: list[Finding] = field(default_factory=list)
    untold: int = 0  # findings beyond CHAIN_FINDINGS
    wanted: dict[tuple[str, int], list[str]] = field(default_factory=dict)  # place → digests
    _sites: dict[str, _Site] = field(default_factory=dict)
    _doubts: dict[tuple[str, int], _Doubt] = field(default_factory=dict)
    _attested: dict[tuple[str, int], str] = field(default_factory=dict)  # rows still to come

    @property
    def doubtful(self) -> int:
        """Rows that say something else than what was chained, and are not attested so far."""
        return len(self._doubts)

    @property
    def sites(self) -> set[str]:
        """The sites that facts were met of."""
        return {name for name, one in self._sites.items() if one.ordinal}

    def begin(self, site: str, ordinal: int, digest: str) -> None:
        """Follow a site from behind this link, not from its first."""
        self._sites[site] = _Site(ordinal, digest)

    def want(self, site: str, ordinal: int, digest: str) -> None:
        """The chain must have this digest there: somebody has seen it."""
        self.wanted.setdefault((site, ordinal), []).append(digest)

    def stands(self, site: str) -> tuple[int, str]:
        """How far a site was followed: its ordinal and digest."""
        found = self._sites.get(site, _Site())
        return found.ordinal, found.digest

    def feed(self, rows: Iterable[Row[Any]], dialect: str) -> None:
        """The next rows (chain.rows_after), in the order of their ids."""
        for row in rows:
            self.count += 1
            if row.site is None or row.ordinal is None or row.digest is None:
                self._found(Finding(INSERTED, row.site or "", 0, 0, row.id))
                continue
            site = self._sites.setdefault(row.site, _Site())
            if row.ordinal <= site.ordinal:
                self._found(Finding(MOVED, row.site, row.ordinal, row.ordinal, row.id))
                continue
            self._follow(row, site, dialect)

    def end(self) -> None:
        """There are no more rows: what is doubtful was altered, what is wanted is missing."""
        self._tell_doubts()
        ends: dict[str, int] = {}
        for name, ordinal in self.wanted:
            if ordinal > self.stands(name)[0]:
                ends[name] = max(ordinal, ends.get(name, 0))
        for name, ordinal in ends.items():
            self._found(Finding(CUT, name, self.stands(name)[0] + 1, ordinal))
        self.findings.sort(key=lambda one: (one.site, one.first))

    def _tell_doubts(self) -> None:
        """One finding for rows that follow each other: whoever renumbers, alters all behind."""
        run: Finding | None = None
        for (name, ordinal), doubt in sorted(self._doubts.items()):
            if run is not None and (run.site, run.last + 1) == (name, ordinal):
                run = replace(run, last=ordinal)
                continue
            if run is not None:
                self._found(run)
            run = Finding(ALTERED, name, ordinal, ordinal, doubt.fact)
        if run is not None:
            self._found(run)
        self._doubts.clear()

    def _follow(self, row: Row[Any], site: _Site, dialect: str) -> None:
        where = (str(row.site), int(row.ordinal))
        before = site.digest
        if row.ordinal > site.ordinal + 1:
            gap = Finding(REMOVED, row.site, site.ordinal + 1, row.ordinal - 1, row.id)
            self._found(gap)
            before = ""
        try:
            link = chain.link_of(row, dialect, *where)
            content = chain.content_of(link)
        except (ValueError, TypeError, RecursionError):
            link, content = None, b""
        computed = row.digest if not before and row.ordinal > 1 else ""
        computed = computed or chain.digest_after(before, content)
        if computed != row.digest and site.computed:
            # Perhaps the row before is as it was, and only its digest is not.
            by_the_other = chain.digest_after(site.computed, content)
            if by_the_other == row.digest:
                computed = by_the_other
                last = (row.site, site.ordinal)
                doubt = self._doubts.pop(last, None)
                self._found(Finding(DIGEST, *last, site.ordinal, doubt.fact if doubt else 0))
        site.computed = ""
        if computed != row.digest:
            site.computed = computed
            self._doubt(where, row.id, content)
        elif link is not None and link.kind == Kind.DATA_ERASED:
            self._attest(link.site, link.details)
        site.ordinal, site.digest = row.ordinal, row.digest
        for digest in self.wanted.pop(where, ()):
            if digest != row.digest:
                self._found(Finding(REWRITTEN, row.site, row.ordinal, row.ordinal, row.id))

    def _doubt(self, where: tuple[str, int], fact: int, content: bytes) -> None:
        if len(self._doubts) >= CHAIN_DOUBTS:
            self._found(Finding(ALTERED, *where, where[1], fact))
            return
        left = chain.left_digest(content)
        if self._attested.pop(where, "") == left:
            self.erased += 1
            return
        self._doubts[where] = _Doubt(fact, bytes.fromhex(left))

    def _attest(self, by_site: str, details: Any) -> None:
        rows = details.get("rows") if isinstance(details, dict) else None
        for name, left in rows.items() if isinstance(rows, dict) else ():
            site, _, ordinal = name.rpartition(":")
            where = (site, int(ordinal) if ordinal.isdecimal() else 0)
            doubt = self._doubts.get(where)
            if doubt is not None and doubt.left.hex() == left:
                del self._doubts[where]
                self.erased += 1
            elif site != by_site and self._is_to_come(where):
                self._attested[where] = str(left)

    def _is_to_come(self, where: tuple[str, int]) -> bool:
        site, ordinal = where
        return ordinal > self.stands(site)[0] and len(self._attested) < CHAIN_DOUBTS

    def _found(self, finding: Finding) -> None:
        if len(self.findings) < CHAIN_FINDINGS:
            self.findings.append(finding)
        else:
            self.untold += 1


def feed_next(connection: Connection, walk: Walk, site: str) -> int:
    """Go on with one site's chain: how many rows it was told."""
    asked = {"site": site, "after": walk.stands(site)[0], "count": CHAIN_ROWS}
    rows = connection.execute(NEXT_OF_SITE, asked).all()
    walk.feed(rows, connection.dialect.name)
    return len(rows)
