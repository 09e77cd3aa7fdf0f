"""Which number of which report is which count of the day in miniature.

    Line("dac-recebidas", TOTAL, "received", lambda day: len(day.calls))
         the report       row    the column  the same from what the phones saw (day_count.py)

A row is the report's total, or `each(…)`: every row, known by these columns; then the count gives a
number for every one of them, and no row may be missing or too many. A report that can have no
number on such a day stands in WITHOUT, with why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from day_count import (
    EDGE,
    KEPT,
    LATE,
    LEFT,
    NOT_ANSWERED,
    REFUSED,
    TAKEN,
    TASK_AFTER,
    About,
    Between,
    Count,
    Expected,
    around,
    tally,
)
from day_figures import (
    ANSWERED,
    BY_ISLAND,
    FEW,
    IN_QUEUES,
    LEVELS,
    MEAN_WAIT,
    NOTHING_ELSE,
    PER_DAY,
    SURVEYS,
    USE,
    VISITS,
    Rows,
    all_surveys,
    bands,
    beyond,
    by_agent,
    caller,
    callers,
    classes,
    hung_up,
    in_menus,
    keyless,
    left_at,
    left_in,
    longest,
    made,
    marked,
    mean,
    mean_wait,
    nodes,
    of_talks,
    of_task,
    offered,
    only,
    opened_or_given_up,
    options,
    owed_and,
    pause,
    paused,
    promises,
    sent,
    silent_in,
    silent_talks,
    state,
    stays,
    summed,
    surveys,
    talked_in,
    tasks,
    to,
    within,
)
from day_scenario import WRAP_UP, X

from terms.limits import CALLS_156

TOTAL: tuple[str, ...] = ()
MANY = "*"
"""Instead of a column: how many rows there are."""


@dataclass(frozen=True)
class Line:
    """See the file's top. `asked`: what else the report is asked than the period and X."""

    report: str
    row: tuple[str, ...]
    column: str
    expected: Callable[[Count], Expected | Rows]
    asked: Mapping[str, str] = field(default_factory=dict)


def each(*columns: str) -> tuple[str, ...]:
    """All rows of a report, by these columns."""
    return columns


def lines(
    report: str,
    row: tuple[str, ...],
    given: Mapping[str, str] | None = None,
    /,
    **expected: Callable[[Count], Any],
) -> tuple[Line, ...]:
    """A line a column."""
    return tuple(Line(report, row, name, what, given or {}) for name, what in expected.items())


TABLE: tuple[Line, ...] = (
    # ------------------------------------------------------------------ the menus
    *lines("ura-tempo-medio", TOTAL,
           received=USE["received"], measured=USE["received"], mean=in_menus(),
           mean_queued=in_menus("queued"), mean_ended_in_menu=in_menus("ended_in_menu"),
           mean_left_in_menu=in_menus("left_in_menu"),
           longest=lambda day: About(max(took for _, took in day.ivr_times), 1.0)),
    *lines("ura-duracao", each("band"),
           calls=lambda day: bands([took for _, took in day.ivr_times])),
    *lines("ura-recursos-ativos", TOTAL,
           most=lambda day: day.most_in_use(), most_ivr=lambda day: day.most_in_use(menus=True)),
    *lines("ura-recursos-inativos", TOTAL,
           cap=lambda _: CALLS_156, most=lambda _: CALLS_156, full=lambda _: 0,
           least=lambda day: Between(CALLS_156 - day.most_in_use("156").most,
                                     CALLS_156 - day.most_in_use("156").least)),
    *lines("ura-navegacao", each("line", "node"), visits=nodes("line", "node"),
           there=lambda day: dict.fromkeys(nodes("line", "node")(day), 0),
           **{how: nodes("line", "node", how=how) for how in VISITS}),
    *lines("ura-uso-por-hora", TOTAL, **USE),
    *lines("ura-uso-por-dia", TOTAL, **USE),
    *lines("ura-uso-por-mes", TOTAL, **USE),
    *lines("ura-opcoes", each("line", "node", "key"), visits=options),
    *lines("ura-servicos-por-hora", each("line", "node"), visits=nodes("line", "node")),
    *lines("ura-retencao", TOTAL, **USE,
           retained=lambda day: day.went("ended_in_menu") + day.went("message_left")),
    *lines("ura-desfechos", TOTAL,
           received=USE["received"], left_in_menu=USE["left_in_menu"], in_menu=lambda _: 0,
           cut=lambda _: 0, silent=keyless,
           completed=lambda day: sum(map(day.went, ("queued", "ended_in_menu", "message_left"))),
           silent_completed=lambda day: keyless(day, "queued"),
           silent_left=lambda day: keyless(day, "left_in_menu")),
    *lines("ura-ponto-de-time-out", each("line", "node"),
           times=lambda day: only(tally(day.nodes, "line", "node", of=lambda one: one.silences),
                                  silent_in(day).__contains__),
           silence=lambda day: only(nodes("line", "node", how="silence")(day),
                                    silent_in(day).__contains__)),
    *lines("ura-transferencias", each("agent"),
           all=lambda day: sent(day, "agent"), to_queue=to("fila"), to_node=to("etapa"),
           to_agent=to("agente"), to_outside=to("externo"), attended=to("consulta")),
    *lines("ura-transferencias-por-etapa", each("node", "agent"),
           count=lambda day: {(where, agent): many for (agent, kind, where), many
                              in sent(day, "agent", "kind", "to").items() if kind == "etapa"}),
    *lines("ura-ponto-de-abandono", each("line", "node"),
           visits=lambda day: only(nodes("line", "node")(day), hung_up(day).__contains__),
           hangup=lambda day: only(nodes("line", "node", how="hangup")(day),
                                   hung_up(day).__contains__)),
    *lines("ura-abandonos", TOTAL,
           received=USE["received"], left_in_menu=USE["left_in_menu"],
           within=left_in(lambda took: took <= X),
           beyond=left_in(lambda took: took > X),
           mean=in_menus("left_in_menu")),
    *lines("ura-abandonos-por-etapa", each("line", "node"),
           left_in_menu=left_at(lambda _: True), within=left_at(lambda took: took <= X),
           beyond=left_at(lambda took: took > X)),
    *lines("ura-falhas-rede", TOTAL, received=USE["received"],
           **dict.fromkeys(("full", "stopping", "outside", "lost", "without"), lambda _: 0)),
    *lines("ura-falhas-servidor", TOTAL, received=USE["received"], starts=lambda _: 1,
           **dict.fromkeys(("static", "interrupted", "nodes", "asked", "failed"), lambda _: 0)),
    *lines("ura-por-numero", each("caller"),
           received=lambda day: Counter(caller(one) for one in day.calls),
           left_in_menu=lambda day: callers(day, lambda one: one.group.outcome == "left_in_menu"),
           queued=lambda day: callers(day, lambda one: bool(one.group.stays)),
           answered=lambda day: callers(day, lambda one: bool(one.talks))),
    *lines("ura-por-area", each("area"),
           received=lambda day: Counter((one.group.area or "não identificado",)
                                        for one in day.calls)),
    *lines("ura-caminhos", each("line", "path"), calls=lambda day: day.paths),
    # ------------------------------------------------------------------ the queues
    *lines("dac-balanco", TOTAL, **IN_QUEUES, **NOTHING_ELSE),
    *lines("dac-recebidas", TOTAL,
           other=USE["messages"], **{name: USE[name] for name in
                                     ("received", "queued", "ended_in_menu", "left_in_menu",
                                      "refused", "static", "in_menu")}),
    *lines("dac-recebidas", TOTAL, {"line": "156"}, received=lambda day: len(day.of_line("156"))),
    *lines("dac-recebidas", TOTAL, {"line": "199"}, received=lambda day: len(day.of_line("199"))),
    *lines("dac-recebidas", TOTAL, {"line": "153"}, received=lambda day: len(day.of_line("153"))),
    *lines("dac-atendidas", TOTAL, **ANSWERED, **MEAN_WAIT),
    *lines("dac-atendidas-por-dia", TOTAL, **PER_DAY),
    *lines("dac-atendidas-por-mes", TOTAL, **PER_DAY),
    *lines("dac-atendidas-por-dia-da-semana", TOTAL, **PER_DAY),
    *lines("dac-atendidas-por-hora", TOTAL, **PER_DAY),
    *lines("dac-desistencias", TOTAL,
           entered=IN_QUEUES["entered"], abandoned=IN_QUEUES["abandoned"],
           abandoned_within=within("abandoned"), abandoned_beyond=beyond("abandoned"),
           mean_giving_up=mean_wait("abandoned")),
    *lines("dac-transbordos", TOTAL,
           entered=IN_QUEUES["entered"], redirected=IN_QUEUES["redirected"]),
    *lines("dac-transbordos-caminhos", each("line", "queue", "to"),
           redirected=lambda day: {(*key, "fora das filas"): many for key, many
                                   in BY_ISLAND["redirected"](day).items() if many}),
    *lines("dac-atendidas-ate-x", TOTAL, answered=IN_QUEUES["answered"],
           answered_within=within("answered"), answered_beyond=beyond("answered")),
    *lines("dac-em-espera", TOTAL, entered=IN_QUEUES["entered"], left=IN_QUEUES["entered"],
           open=lambda _: 0),
    *lines("dac-em-espera-acima-de-x", each("line", "queue"),
           entered=BY_ISLAND["entered"],
           waiting=lambda day: dict.fromkeys(BY_ISLAND["entered"](day), 0),
           waited_beyond=lambda day: {key: around(day.waits(line=key[0], queue=key[1]),
                                                  float("inf"), X)
                                      for key in BY_ISLAND["entered"](day)},
           longest=lambda day: {key: About(max(day.waits(line=key[0], queue=key[1])), EDGE)
                                for key in BY_ISLAND["entered"](day)}),
    *lines("dac-nivel-de-servico-dia", TOTAL, offered=USE["queued"], **LEVELS),
    *lines("dac-nivel-de-servico-mes", TOTAL, offered=USE["queued"], **LEVELS),
    *lines("dac-nivel-de-servico-dia", each("line"),
           received=lambda day: {(line,): len(day.of_line(line)) for line in ("156", "199", "153")},
           abandoned_beyond=lambda day: {(line,): day.gave_up_after(X, line)
                                         for line in ("156", "199", "153")}),
    *lines("dac-conversa", TOTAL,
           talks=lambda day: len(day.talked), talked=lambda day: of_talks(day)(summed)[()],
           mean_talk=lambda day: of_talks(day)(mean)[()],
           longest_talk=lambda day: of_talks(day)(longest)[()]),
    *lines("dac-conversa-por-ilha", each("line", "queue"),
           talks=lambda day: tally(day.talked, "line", "queue"),
           talked=lambda day: of_talks(day, "line", "queue")(summed),
           mean_talk=lambda day: of_talks(day, "line", "queue")(mean)),
    *lines("dac-por-ilha", each("line", "queue"), **BY_ISLAND,
           mean_wait=mean_wait("answered", "line", "queue")),
    *lines("dac-distribuicao-de-esperas", each("wait"),
           entered=lambda day: classes(day.waits()),
           answered=lambda day: classes(day.waits("answered")),
           abandoned=lambda day: classes(day.waits("abandoned"))),
    *lines("dac-espera-media", TOTAL,
           answered=IN_QUEUES["answered"], abandoned=IN_QUEUES["abandoned"], **MEAN_WAIT,
           mean_giving_up=mean_wait("abandoned"),
           longest=lambda day: About(max(day.waits()), EDGE)),
    *lines("dac-espera-media-por-ilha", each("line", "queue"),
           answered=BY_ISLAND["answered"], abandoned=BY_ISLAND["abandoned"],
           mean_wait=mean_wait("answered", "line", "queue"),
           mean_giving_up=mean_wait("abandoned", "line", "queue")),
    # ------------------------------------------------------------------ the agents
    *lines("atendimento-assuntos", each("line", "queue", "note"),
           entered=stays("line", "queue", "note"),
           answered=stays("line", "queue", "note", how="answered"),
           abandoned=stays("line", "queue", "note", how="abandoned")),
    *lines("atendimento-estados", each("agent"), ringing=state(0), talking=state(1),
           wrapping=state(2),
           paused=lambda day: {(one.name,): About(paused(day, one.name), 6.0)
                               for one in day.seen.people}),
    *lines("atendimento-jornada", each("agent"),
           logins=lambda day: {(one.name,): 1 for one in day.seen.people}),
    *lines("atendimento-ocupacao", TOTAL,
           busy=lambda day: About(sum(map(sum, day.states.values())), 20.0)),
    *lines("atendimento-ofertas", each("outcome"),
           offered=lambda day: Counter((ending,) for _, ending, _ in day.offers),
           mean_ring=lambda day: {(of,): About(fmean(rang for _, ending, rang in day.offers
                                                     if ending == of), 0.5)
                                  for of in (TAKEN, NOT_ANSWERED, REFUSED, LEFT)}),
    *lines("atendimento-pausas", each("agent", "reason"), count=pause(lambda *_: 1),
           seconds=lambda day: pause(lambda began, ended: About(
               (ended or day.ended) - began, 2.0 if ended else 6.0))(day)),
    *lines("atendimento-pausas-registro", each("agent", "reason"),
           began_at=pause(lambda began, _: About(began, 2.0)),
           ended_at=pause(lambda _, ended: About(ended, 1.0) if ended else None)),
    *lines("atendimento-produtividade", each("agent"),
           talks=lambda day: by_agent(lambda _, found: len(found), day),
           talked=lambda day: by_agent(lambda _, found: summed(found), day),
           mean_talk=lambda day: by_agent(lambda _, found: mean(found), day),
           wrapped=lambda day: by_agent(lambda _, found: About(WRAP_UP * len(found),
                                                               0.5 + 0.1 * len(found)), day)),
    *lines("atendimento-toques", each("agent"), offered=offered(), taken=offered(TAKEN),
           unanswered=offered(NOT_ANSWERED), refused=offered(REFUSED), caller_left=offered(LEFT),
           unreachable=offered("telefone fora do ar")),
    *lines("atendimento-transferencias", each("agent"),
           transfers=lambda day: sent(day, "agent"), fila=to("fila"), agente=to("agente"),
           etapa=to("etapa"), externo=to("externo")),
    # ------------------------------------------------------------------ calls of ours
    *lines("ativo-ligacoes", TOTAL,
           made=lambda day: len(day.back), talked_to=lambda day: len(day.back),
           served=lambda day: len(day.back),
           talked=lambda day: summed([one.seconds for one in day.talked if one.outward])),
    *lines("ativo-por-assunto", each("queue", "note"),
           made=lambda day: made(day, "queue", "note"),
           served=lambda day: made(day, "queue", "note")),
    *lines("retorno-icb", TOTAL, given_up=lambda day: day.gave_up_after(X, "156"),
           opened=lambda day: day.gave_up_after(TASK_AFTER, "156"), kept=owed_and(KEPT),
           owed=owed_and(KEPT), late=owed_and(LATE), overdue=owed_and("vencida"),
           icb=lambda _: 1.0),
    *lines("retorno-icb", TOTAL, {"line": "153"}, given_up=lambda day: day.gave_up_after(X, "153"),
           late=lambda day: sum(one.line == "153" for one in day.tasks)),
    *lines("retorno-icb-por-assunto", each("queue", "note"),
           opened=lambda day: opened_or_given_up(day, opened=True),
           given_up=lambda day: opened_or_given_up(day, opened=False)),
    *lines("retorno-promessas", each("line", "queue"), made=promises, reached=promises,
           tries=promises, returned=lambda day: dict.fromkeys(promises(day), 0),
           open=lambda day: dict.fromkeys(promises(day), 0)),
    *lines("retorno-resultados", each("because", "result"), opened=tasks("because", "result"),
           kept=tasks("because", "result", of=of_task(KEPT)),
           late=tasks("because", "result", of=of_task(LATE)),
           due=tasks("because", "result", of=of_task("pendente")),
           overdue=tasks("because", "result", of=of_task("vencida"))),
    Line("retorno-tarefas", each("situation", "queue"), MANY,
         lambda day: {(one, queue or None): many
                      for (one, queue), many in tasks("situation", "queue")(day).items()}),
    # ------------------------------------------------------------------ the survey
    *lines("pesquisa-notas", each("question"), asked=marked(), unanswered=marked(None),
           **{f"mark_{mark}": marked(mark) for mark in range(1, 6)}),
    *lines("pesquisa-satisfacao", TOTAL, served=lambda day: len(day.asked),
           **{name: all_surveys(of) for name, of in SURVEYS.items()}),
    *lines("pesquisa-por-fila", each("queue"), served=lambda day: tally(day.asked, "queue"),
           **{name: surveys(of) for name, of in SURVEYS.items()}),
    # ------------------------------------------------------------------ times, and the contract
    *lines("rechamadas", TOTAL, received=USE["received"], repeated=lambda day: day.repeated,
           billed=lambda day: len(day.calls) - day.repeated),
    *lines("tempos-medios", TOTAL, **ANSWERED, abandoned=IN_QUEUES["abandoned"], **MEAN_WAIT,
           talks=lambda day: len(day.talked), mean_giving_up=mean_wait("abandoned"),
           mean_talk=lambda day: of_talks(day)(mean)[()],
           mean_after=lambda day: About(WRAP_UP * len(day.talks) / len(day.talked), 0.15)),
    *lines("tempos-medios-por-ilha", each("line", "queue"),
           entered=lambda day: {**talked_in(day, 0), **BY_ISLAND["entered"](day)},
           answered=lambda day: {**talked_in(day, 0), **BY_ISLAND["answered"](day)},
           talks=lambda day: {**dict.fromkeys(BY_ISLAND["entered"](day), 0),
                              **tally(day.talked, "line", "queue")},
           mean_wait=lambda day: {**talked_in(day, None),
                                  **mean_wait("answered", "line", "queue")(day)}),
    *lines("indicadores-contagens", TOTAL, **LEVELS, queued=USE["queued"],
           with_protocol=lambda day: len(day.answered)),
    # ------------------------------------------------------------------ what went wrong
    Line("problemas-fatos", each("violation"), MANY, lambda _: {}),
    Line("problemas-gravacoes", each("problem"), MANY,
         lambda day: {("empty",): silent_talks(day),
                      ("short",): Between(0, FEW)}),
)  # fmt: skip

WITHOUT: Mapping[str, str] = {
    "auditoria-gravacoes": "nobody listens to a recording",
    "auditoria-supervisao": "nobody supervises",
    "auditoria-dados": "nobody looks at a citizen's data",
    "ura-consultas": "no node of the day's menu asks a system",
    "atendimento-primeiro-assunto": "no agent has subjects",
    "atendimento-tabulacoes": "agents speak only by their phones, and say nothing of calls",
    "chat-atendimento": "there is no chat",
    "chat-por-agente": "there is no chat",
    "operadora": "it is the carrier's own file, of which the phones know nothing",
    **dict.fromkeys(
        (
            *("campanha-tentativas", "campanha-sem-atendente", "campanha-melhores-horas"),
            *("campanha-resultados", "campanha-por-campanha", "campanha-por-orgao"),
            *("campanha-por-lista", "campanha-por-rota", "campanha-por-atendente"),
            *("campanha-respostas", "campanha-contatos", "campanha-deixados-de-fora"),
            *("campanha-tentativas-por-contato", "campanha-ligacoes"),
        ),
        "no campaign calls anybody on this day",
    ),
    "rotas-meses": "only call-backs go out: which the trunk carried, no phone of the day tells",
    **dict.fromkeys(
        ("sms-intervalos", "sms-por-orgao", "sms-mensagens"), "no carrier takes text messages"
    ),
    "rotas-dias": "only call-backs go out: which the trunk carried, no phone of the day tells",
}
"""Reports that can have no number on this day, and why."""

PER_MINUTE: Mapping[tuple[str, str], Callable[[Count], list[float]]] = {
    ("ura-retencao", "received"): lambda day: [one.answered for one in day.calls],
    ("dac-recebidas", "received"): lambda day: [one.answered for one in day.calls],
    ("dac-atendidas", "entered"): lambda day: [one.entered for one in day.stays],
    ("ativo-ligacoes", "made"): lambda day: [one.answered for one in day.back],
}
"""Reports by interval, asked by the minute: report and column → when what they count happened."""
