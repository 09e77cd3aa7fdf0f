"""History: what happened, once, in the order it happened. The store and all watchers read these.

A fact has an instant, a kind, whom it is about, who did it, and details that are plain JSON
values. Personal data (a caller's number, typed digits, names of citizens) may stand only in the
details named in PERSONAL, so that masking has one list to look at.

    kind               about          details
    call_arrived       call           line, entry, caller, test, version, relay, campaign
    protocol_given     call           protocol, issuer (block | rescue)
    node_entered       call           node
    key_pressed        call           node, key ("" = silence), valid
    digits_typed       call           node, variable, digits (how many), valid
    data_typed         call           node, variable, value (PERSONAL)
    looked_up          call           node, where (service), how (achou | nao_achou | falhou)
    survey_answered    call           node, question, mark ("" = not answered)
    handed_over        call           from_line, to_line, queue, priority
    transfer_tried     call           node, destination, reached, because, seconds (of talk)
    queued             call           queue, priority, note, joined (what the wait counts from)
    offer_made         call, agent    offer, queue, because, rule, skipped, ring_seconds; dialled
                                      (true: the dialler's, `call` being the attempt: no call yet)
    sent_away          call           queue, exit (a step of the tree), because
    offer_ended        call, agent    offer, outcome, blame, because, dialled
    answered           call, agent    offer, waited (s, from the first queueing), dialled
    talk_ended         call, agent    offer, talk_seconds, dialled (in no figure of a queue)
    message_left       call           file
    call_ended         call           outcome, blame, where (stage or node), seconds
    recorded           call           file, seconds, talk_seconds, ok, problem
    agent_status       agent          status, reason, by
    agent_state        agent          state
    agent_added        agent          skills
    person_added       -              person, role
    person_revoked     -              person
    task_opened        call           task (call_back), due, because
    switch_lost        -              why
    switch_seen        -              boot, calls
    control_started    -              epoch, version
    dialplan_proposed  -              version, lines (that need a second person)
    dialplan_rejected  -              version
    dialplan_published -              version, before, approved_by, how (publish | rollback | alarm)
    dialplan_alarm     -              version, before, line, because
    short_menu         -              line, on, until
    announced          -              name, line, node, until
    announcement_ended -              name, line
    static_taken_in    call           protocol   (a call the switch served without us)
    wait_told          call           position, low, high (s, as spoken; high None = no bound)
    wait_kept          call           low, high (as told first), waited (s, since), answered, held
    agent_login        agent          seat, before (the seat it replaces), logged (s, that day)
    agent_logout       agent          seat, because, since, seconds, logged (s of the day)
    agent_skills       agent          skills, subjects, reserve, because
    agent_blocked      agent          on, because
    shift_planned      agent          begins, ends, pauses [{reason, at, seconds}]
    pause_postponed    agent          reason, before, at, because
    pause_missed       agent          reason, planned, because
    pause_began        agent          reason, planned, ends
    pause_warned       agent          reason, ends
    pause_ended        agent          reason, planned, began, seconds, because
    act_refused        agent          act, because (nobody may cut a pause, …)
    hours_alert        agent          logged, limit
    hours_excepted     agent          until, because
    wrap_up_extended   agent          until
    call_marked        call, agent    mark (abusiva), offer
    disposition        call, agent    code
    seat_hours         -              seat, opens, closes, days
    storm              -              line, on, until, reason
    queue_ordered      -              queue, on, until, reason, and what was changed of its rule
    number_marked      -              mark (suspect | block), number (masked), until, reason
    number_unmarked    -              mark, number (masked)
    number_suspect     call           marks (how many hold), blocked (and the call was refused)
    dead_air           call, agent    who (agent | citizen | both), seconds
    consult_asked      call, agent    consult, offer, from (who asks), outside (name on the list)
    consult_answered   call, agent    consult
    consult_over       call, agent    consult, outcome, seconds
    talk_moved         call, agent    offer, consult, to (agent or outside): agent is who left
    talk_held          call, agent    on (false: together again), offer
    transferred        call           goal (fila | agente | etapa | externo), to, returns, by
    protocol_added     call, agent    protocol, ordinal, note
    supervision_began  call, agent    supervision, mode (ouvir | sussurrar | entrar), because, by
    supervision_ended  call, agent    supervision, mode, seconds, because, by
    call_back_promised call           how (key | emergency), line, queue, priority, joined, expires,
                                      place (without what is personal), value (typed: PERSONAL)
    call_back_tried    call, agent    attempt (its offer)
    call_back_result   call           attempt, result (terms.outcome.Tried), tries, not_before
    call_back_over     call           how (terms.outcome.Kept), to_call
    call_back_barred   call           mark (nao_pode_falar | retorno_nao_seguro), on
    call_resumed       call           of_call, protocol, how (redial | returned | call_back)
    task_closed        call           task (call_back), how
    report_exported    -              report, format, rows, whole (numbers unmasked), the question;
                                      searched_by (phone, keyword: never what was searched)
    call_refused       -              line, because (cap | stopping), test: by the switch, before it
                                      was a call, so that nothing else tells of it
    carrier_reported   -              days [{day, number, offered, busy, no_answer, failed}], file
    recording_sealed   call           recording (its name), bytes, seconds, master (key's name)
    recording_heard    call           recording, format, reason, from (first byte), by
    recording_held     call           hold, reason, by
    recording_released call           hold, reason, by
    recording_archived call           recording
    recording_erased   call           recording, how (policy | request), because, by
    master_key_changed -              master, before, kept (names of older ones), by
    data_erased        -              rows (site:ordinal → digest of what is left), because, by;
                                      contacts, attempts, texts (how many, where it is these)
    balance_checked    -              since, until, intervals, broken (that do not add up), wrong
    citizen_told       -              what (found | exported), kind (phone | document | protocol),
                                      calls (how many), because, by
    campaign_moved     -              campaign, state (dialer.campaign.CampaignState), because, by
    dialler_stopped    -              because ("": it may go on), by
    dialler_warned     -              because, trunk, campaign (whichever it is about)
    campaign_answer    call           campaign, said (confirma | recusa | nao_ligar | atendente)
    trunks_changed     -              trunks (their names, in order), by
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from terms.names import AgentName, CallId, Instant


class Kind(StrEnum):
    """The kinds of fact; see the table at the top of this file."""

    CALL_ARRIVED = "call_arrived"
    PROTOCOL_GIVEN = "protocol_given"
    NODE_ENTERED = "node_entered"
    KEY_PRESSED = "key_pressed"
    DIGITS_TYPED = "digits_typed"
    DATA_TYPED = "data_typed"
    LOOKED_UP = "looked_up"
    SURVEY_ANSWERED = "survey_answered"
    HANDED_OVER = "handed_over"
    TRANSFER_TRIED = "transfer_tried"
    QUEUED = "queued"
    OFFER_MADE = "offer_made"
    OFFER_ENDED = "offer_ended"
    SENT_AWAY = "sent_away"
    ANSWERED = "answered"
    TALK_ENDED = "talk_ended"
    MESSAGE_LEFT = "message_left"
    CALL_ENDED = "call_ended"
    RECORDED = "recorded"
    AGENT_STATUS = "agent_status"
    AGENT_STATE = "agent_state"
    AGENT_ADDED = "agent_added"
    PERSON_ADDED = "person_added"
    PERSON_REVOKED = "person_revoked"
    TASK_OPENED = "task_opened"
    SWITCH_LOST = "switch_lost"
    SWITCH_SEEN = "switch_seen"
    CONTROL_STARTED = "control_started"
    DIALPLAN_PROPOSED = "dialplan_proposed"
    DIALPLAN_REJECTED = "dialplan_rejected"
    DIALPLAN_PUBLISHED = "dialplan_published"
    DIALPLAN_ALARM = "dialplan_alarm"
    SHORT_MENU = "short_menu"
    ANNOUNCED = "announced"
    ANNOUNCEMENT_ENDED = "announcement_ended"
    STATIC_TAKEN_IN = "static_taken_in"
    WAIT_TOLD = "wait_told"
    WAIT_KEPT = "wait_kept"
    AGENT_LOGIN = "agent_login"
    AGENT_LOGOUT = "agent_logout"
    AGENT_SKILLS = "agent_skills"
    AGENT_BLOCKED = "agent_blocked"
    SHIFT_PLANNED = "shift_planned"
    PAUSE_POSTPONED = "pause_postponed"
    PAUSE_MISSED = "pause_missed"
    PAUSE_BEGAN = "pause_began"
    PAUSE_WARNED = "pause_warned"
    PAUSE_ENDED = "pause_ended"
    ACT_REFUSED = "act_refused"
    HOURS_ALERT = "hours_alert"
    HOURS_EXCEPTED = "hours_excepted"
    WRAP_UP_EXTENDED = "wrap_up_extended"
    CALL_MARKED = "call_marked"
    DISPOSITION = "disposition"
    SEAT_HOURS = "seat_hours"
    STORM = "storm"
    QUEUE_ORDERED = "queue_ordered"
    NUMBER_MARKED = "number_marked"
    NUMBER_UNMARKED = "number_unmarked"
    NUMBER_SUSPECT = "number_suspect"
    DEAD_AIR = "dead_air"
    CONSULT_ASKED = "consult_asked"
    CONSULT_ANSWERED = "consult_answered"
    CONSULT_OVER = "consult_over"
    TALK_MOVED = "talk_moved"
    TALK_HELD = "talk_held"
    TRANSFERRED = "transferred"
    PROTOCOL_ADDED = "protocol_added"
    SUPERVISION_BEGAN = "supervision_began"
    SUPERVISION_ENDED = "supervision_ended"
    CALL_BACK_PROMISED = "call_back_promised"
    CALL_BACK_TRIED = "call_back_tried"
    CALL_BACK_RESULT = "call_back_result"
    CALL_BACK_OVER = "call_back_over"
    CALL_BACK_BARRED = "call_back_barred"
    CALL_RESUMED = "call_resumed"
    TASK_CLOSED = "task_closed"
    CALL_REFUSED = "call_refused"
    CARRIER_REPORTED = "carrier_reported"
    BALANCE_CHECKED = "balance_checked"
    RECORDING_SEALED = "recording_sealed"
    RECORDING_HEARD = "recording_heard"
    RECORDING_HELD = "recording_held"
    RECORDING_RELEASED = "recording_released"
    RECORDING_ARCHIVED = "recording_archived"
    RECORDING_ERASED = "recording_erased"
    MASTER_KEY_CHANGED = "master_key_changed"
    REPORT_EXPORTED = "report_exported"
    DATA_ERASED = "data_erased"
    CITIZEN_TOLD = "citizen_told"
    CAMPAIGN_MOVED = "campaign_moved"
    DIALLER_STOPPED = "dialler_stopped"
    DIALLER_WARNED = "dialler_warned"
    CAMPAIGN_ANSWER = "campaign_answer"
    TRUNKS_CHANGED = "trunks_changed"


PERSONAL = frozenset({"caller", "value", "cut", "unreadable"})
"""Detail keys that hold personal data. The last two stand for details that no store takes whole
(protocol_store/fact_log.py): whatever was in them may be in these."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened. `by` names the person or part who caused it; "" is the system."""

    at: Instant
    kind: Kind
    call: CallId | None = None
    agent: AgentName | None = None
    by: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
