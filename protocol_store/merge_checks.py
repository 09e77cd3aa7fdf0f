"""Whether two stores can become one: looked at before a merge writes anything (merge.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, select, text

from protocol_store import schema
from protocol_store.chain_walk import Walk, feed_next
from protocol_store.errors import StoreError
from protocol_store.tables import facts, protocols
from terms.limits import CHAIN_ROWS, MERGE_ROWS

Site = Mapping[str, Any]
"""A row of `sites`."""


class MergeRefused(StoreError):
    """These two stores cannot become one; the text is Portuguese and says why."""


def same_release(source: Engine, target: Engine) -> None:
    """Both stores are of this release. Raises MergeRefused."""
    for engine in (source, target):
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found != schema.newest_revision():
            raise MergeRefused(
                "um dos bancos é de outra versão deste programa: ligue sobre ele, uma vez, a "
                "central desta versão"
            )


def ranges_apart(theirs: Sequence[Site], ours: Sequence[Site]) -> None:
    """No two sites may draw the same numbers. Raises MergeRefused."""
    for one in theirs:
        for other in ours:
            if one["site"] == other["site"] or None in (one["first_number"], other["first_number"]):
                continue
            if (
                one["first_number"] <= other["last_number"]
                and other["first_number"] <= one["last_number"]
            ):
                raise MergeRefused(
                    "as faixas de protocolos se tocam: sítio "
                    + " e sítio ".join(
                        f"{row['site']} ({row['first_number']} a {row['last_number']})"
                        for row in (one, other)
                    )
                    + ". Dê a cada sítio a sua faixa (protocol_first e protocol_last em "
                    "settings.toml) antes de ele dar números"
                )


def one_chain(source: Engine, target: Engine, theirs: Site, ours: Site | None) -> None:
    """A site that both know must be one site: the shorter chain is the longer one's beginning.
    Raises MergeRefused."""
    if ours is None or not ours["ordinal"] or not theirs["ordinal"]:
        return
    upto = min(int(ours["ordinal"]), int(theirs["ordinal"]))
    digests = set()
    for engine in (source, target):
        with engine.connect() as connection:
            here = (facts.c.site == theirs["site"]) & (facts.c.ordinal == upto)
            digests.add(connection.execute(select(facts.c.digest).where(here)).scalar())
    if len(digests) > 1 or None in digests:
        raise MergeRefused(
            f"os dois bancos têm um sítio {theirs['site']}, mas com histórias diferentes: são dois "
            "sítios com o mesmo nome, ou um deles foi restaurado e seguiu sozinho"
        )


def no_number_twice(source: Engine, target: Engine) -> None:
    """No number is of two calls. Raises MergeRefused."""
    after = ""
    while True:
        with source.connect() as connection:
            page = connection.execute(
                select(protocols.c.protocol, protocols.c.call_id)
                .where(protocols.c.protocol > after)
                .order_by(protocols.c.protocol)
                .limit(MERGE_ROWS)
            ).all()
        if not page:
            return
        theirs = {row.protocol: row.call_id for row in page}
        with target.connect() as connection:
            for row in connection.execute(
                select(protocols.c.protocol, protocols.c.call_id).where(
                    protocols.c.protocol.in_(list(theirs))
                )
            ):
                if theirs[row.protocol] != row.call_id:
                    raise MergeRefused(
                        f"o protocolo {row.protocol} foi dado nos dois bancos, a ligações "
                        "diferentes: nada foi juntado"
                    )
        after = page[-1].protocol


def looks_well(
    source: Engine, target: Engine, theirs: Sequence[Site], begun: Mapping[str, int]
) -> None:
    """What is to be taken follows from what we have (`begun`: so many facts of each site), and
    tells of no call of another site. All sites together: one may attest what was erased of
    another. Raises MergeRefused."""
    walk = Walk()
    for row in theirs:
        name = row["site"]
        if begun[name]:
            walk.begin(name, begun[name], _digest_at(target, name, begun[name]))
        walk.want(name, row["ordinal"], row["digest"])
        _follow(source, target, row, walk)
    walk.end()
    if walk.findings:
        first = walk.findings[0]
        raise MergeRefused(
            f"os fatos do sítio {first.site} foram alterados na origem, a partir do nº "
            f"{first.first}: veja quais com store verify --banco"
        )


def _follow(source: Engine, target: Engine, theirs: Site, walk: Walk) -> None:
    name = theirs["site"]
    while walk.stands(name)[0] < theirs["ordinal"]:
        after = walk.stands(name)[0]
        with source.connect() as connection:
            seen = feed_next(connection, walk, name)
            told = connection.execute(
                select(facts.c.call_id)
                .where(facts.c.site == name, facts.c.ordinal > after)
                .where(facts.c.ordinal <= after + CHAIN_ROWS, facts.c.call_id.is_not(None))
                .distinct()
            ).scalars()
            _no_call_twice(target, name, list(told))
        if not seen:
            break


def _digest_at(engine: Engine, site: str, ordinal: int) -> str:
    with engine.connect() as connection:
        here = (facts.c.site == site) & (facts.c.ordinal == ordinal)
        return str(connection.execute(select(facts.c.digest).where(here)).scalar() or "")


def _no_call_twice(target: Engine, site: str, told: Sequence[str]) -> None:
    with target.connect() as connection:
        for begin in range(0, len(told), MERGE_ROWS):
            found = connection.execute(
                select(facts.c.call_id)
                .where(facts.c.call_id.in_(told[begin : begin + MERGE_ROWS]), facts.c.site != site)
                .limit(1)
            ).scalar()
            if found is not None:
                raise MergeRefused(
                    f"a ligação {found} está nos dois bancos, em sítios diferentes: os Asterisks "
                    "dos dois sítios têm o mesmo nome (setting node)"
                )
