"""A mass alert of civil defence: a campaign made in one go from a text and a list (3.11).

    Alert      what a person says: the text, who answers for it, which keys, how often
    file_of    … as a campaign's file: proved and stored like any other, started and stopped too
    chosen     the numbers of a list, or of those rows of it whose columns say so («zona = leste»)

The text names whoever speaks and every key; what it does not say itself is said for it. An alert
saves lives, so it is dialled at any hour; the supervisor who answers for that is named in it (R64).
"""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dialer.campaign import KeyMeans, Kind, Mode
from dialer.notice import PERSON_KEY
from dialer.trunks import Trunk
from ivr.proofs.menus import KEY_WORDS
from ivr.texts import PORTUGUESE
from protocol_store.people import Person, Role
from reader.contact_list import ContactList, ListMistake, Mapped
from reader.notice_proofs import named_keys
from reader.yaml_text import as_yaml
from terms.limits import (
    ALERT_AGAIN,
    ALERT_ATTEMPTS,
    ALERT_RING,
    CAMPAIGN_ATTEMPTS_MAX,
    NOTICE_TIMES_UNASKED,
)
from terms.names import Seconds

CIVIL_DEFENCE: Final = "Defesa Civil"
KEYS: Final[Mapping[str, KeyMeans]] = {"1": KeyMeans.CONFIRM, "2": KeyMeans.REPEAT}
"""What keys do unless the alert says otherwise; with a queue the 9 leads to a person, too."""

ALWAYS: Final = "0:00 a 24:00"
PHONE: Final = "telefone"

FOR_WHAT: Final[Mapping[KeyMeans, str]] = {
    KeyMeans.CONFIRM: "se entendeu",
    KeyMeans.REFUSE: "se não pode",
    KeyMeans.REPEAT: "para ouvir de novo",
    KeyMeans.PERSON: "para falar com uma pessoa",
    KeyMeans.DO_NOT_CALL: "para não receber mais estas ligações",
}
"""How a key is offered where the text does not do so."""

Where = Mapping[str, Collection[str]]
"""Column → the values of which it must have one."""


class NotAnAlert(Exception):
    """What was said makes no alert; why, in Portuguese."""


@dataclass(frozen=True, slots=True)
class Alert:
    """`supervisor`: who answers for it, a name with that role. `again`: seconds until somebody
    who did not answer is tried again. `queue`: of the key 9; '' for nobody, and then `alone` says
    why."""

    name: str
    text: str
    subject: str
    supervisor: str
    caller_id: str
    trunks: Sequence[str]
    queue: str = ""
    alone: str = ""
    body: str = CIVIL_DEFENCE
    keys: Mapping[str, KeyMeans] = field(default_factory=lambda: KEYS)
    attempts: int = ALERT_ATTEMPTS
    again: Seconds = ALERT_AGAIN

    @property
    def all_keys(self) -> Mapping[str, KeyMeans]:
        """The keys, and the 9 wherever there is a queue."""
        return {**self.keys, **({PERSON_KEY: KeyMeans.PERSON} if self.queue else {})}


def spoken_of(alert: Alert) -> str:
    """What is said: who calls, the text, and each key that it does not name itself."""
    text = " ".join(alert.text.split())
    if not text:
        raise NotAnAlert("diga o texto do alerta")
    if plain(alert.body) not in plain(text):
        text = f"{alert.body.rstrip('.')}. {text}"
    if text[-1] not in ".!?":
        text += "."
    named = named_keys(text)
    keys = [(key, means) for key, means in alert.all_keys.items() if key not in named]
    if not keys:
        return text
    offers = [f"{KEY_WORDS[key][PORTUGUESE][0]} {FOR_WHAT[means]}" for key, means in keys]
    listed = offers[0] if len(offers) == 1 else f"{', '.join(offers[:-1])}, ou {offers[-1]}"
    return f"{text} Tecle {listed}."


def file_of(alert: Alert) -> str:
    """The alert as a campaign's file (reader/campaign_file.py)."""
    if not alert.supervisor:
        raise NotAnAlert("diga o supervisor que responde pelo alerta")
    again = {"apos": f"{max(1, round(alert.again / 60))} min", "vezes": alert.attempts}
    tried = ("ocupado", "nao_atende", "caixa_postal", "muda", "operadora", "interrompida")
    return as_yaml(
        {
            "campanha": alert.name,
            "tipo": Kind.ALERT.value,
            "modo": Mode.AGENTLESS.value,
            "orgao": alert.body,
            "assunto": alert.subject,
            **({"fila": alert.queue} if alert.queue else {}),
            "mostra": alert.caller_id,
            "rotas": list(alert.trunks),
            "prioridade": 1,
            "risco_a_vida": alert.supervisor,
            "horario": {"todos os dias": ALWAYS, "feriados": ALWAYS},
            "tentativas": alert.attempts,
            "tentativas_por_dia": alert.attempts,
            "novas_tentativas": {one: dict(again) for one in tried},
            "fala": spoken_of(alert),
            "teclas": {key: means.value for key, means in alert.all_keys.items()},
            **({"sem_atendente": alert.alone} if alert.alone else {}),
            "lista": {"telefone": PHONE},
        }
    )


def keys_of(written: Iterable[str]) -> dict[str, KeyMeans]:
    """`1=confirma` … NotAnAlert for what is none."""
    found = {}
    for one in written:
        key, _, word = one.partition("=")
        try:
            found[key.strip()] = KeyMeans(word.strip())
        except ValueError:
            words = ", ".join(means.value for means in KeyMeans)
            raise NotAnAlert(f"tecla '{one}': use tecla=palavra; há {words}") from None
        if key.strip() not in {*"0123456789"}:
            raise NotAnAlert(f"'{key.strip()}' não é uma tecla; use de 0 a 9")
    return found


def where_of(written: Iterable[str]) -> dict[str, set[str]]:
    """`coluna=valor`, the same column as often as there are values. NotAnAlert."""
    found: dict[str, set[str]] = {}
    for one in written:
        column, equals, value = one.partition("=")
        if not equals or not column.strip() or not value.strip():
            raise NotAnAlert(f"'{one}': use coluna=valor, como zona=leste")
        found.setdefault(column.strip(), set()).add(value.strip())
    return found


def checked_attempts(attempts: int) -> int:
    """How often somebody is tried. NotAnAlert for what no campaign may have."""
    if not 1 <= attempts <= CAMPAIGN_ATTEMPTS_MAX:
        raise NotAnAlert(f"as tentativas vão de 1 a {CAMPAIGN_ATTEMPTS_MAX}")
    return attempts


def answers_for(name: str, persons: Iterable[Person]) -> str:
    """The supervisor's name as it is known. NotAnAlert for whoever is none."""
    for person in persons:
        if person.name == name and person.revoked_at is None:
            if person.role is Role.SUPERVISOR:
                return person.name
            raise NotAnAlert(f"{name} não é supervisor: por um alerta responde um supervisor")
    raise NotAnAlert(f"não há pessoa com o nome {name}; veja: central156 person list")


# --- whom it is for ---
@dataclass(frozen=True, slots=True)
class Chosen:
    """The numbers, as a list of their own; nothing else of the list is kept."""

    content: bytes
    contacts: int
    read: int
    wrong: int
    mistakes: Sequence[ListMistake]


def chosen(content: bytes, mapped: Mapped, where: Where) -> Chosen:
    """The rows of a list whose columns have one of these values, whatever their accents and
    capitals. Blocking. ListUnreadable, also for a column that is not there."""
    columns = {f"c{n}": column for n, column in enumerate(where)}
    wanted = {name: frozenset(map(plain, where[column])) for name, column in columns.items()}
    listed = ContactList(
        content, Mapped(mapped.phone, mapped.area, mapped.default_area, mapped.sheet, columns)
    )
    into = io.StringIO()
    rows = csv.writer(into, delimiter=";", lineterminator="\n")
    rows.writerow([PHONE])
    count = read = 0
    for one in listed:
        read += 1
        if all(plain(one.fields.get(name, "")) in values for name, values in wanted.items()):
            rows.writerow([one.number])
            count += 1
    return Chosen(into.getvalue().encode(), count, read, listed.wrong, tuple(listed.mistakes))


def plain(text: str) -> str:
    """A text as values are compared: small letters, no accents, single blanks."""
    apart = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(letters.casefold().split())


# --- how long it will take ---
def least_seconds(contacts: int, trunks: Iterable[Trunk], spoken: Seconds) -> Seconds:
    """How long the first call to everybody takes at least: as fast as the trunks begin calls, with
    no more at a time than they have channels; half the ring time, and the text for each."""
    each = ALERT_RING + spoken * NOTICE_TIMES_UNASKED
    rate = sum(min(one.per_second, one.channels / each) for one in trunks)
    return math.inf if rate <= 0 else contacts / rate
