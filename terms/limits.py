"""Every limit of the system, by name. Seconds unless the name says otherwise.

A limit that an operator may change is also a setting (central156/settings.py), whose default is
the value here.
"""

from __future__ import annotations

from typing import Final

# --- a step and its dead-man's switch (asterisk-conf/extensions.conf holds the same figures) ---
STEP_ARM: Final = 3.0  # the dialplan arms this before the first AGI() of a round
STEP_SECOND_ARM: Final = 1.5  # and this after one visit of the timer: 4.5 s in all, then static
STEP_REARM: Final = 4.0  # a living step re-arms to this …
STEP_REARM_EVERY: Final = 2.0  # … this often while it waits
STEP_RETRIES: Final = 16  # tries, STEP_RETRY_WAIT apart, when control does not answer at all
STEP_RETRY_WAIT: Final = 0.25
CODE_LOOKS: Final = 8  # a tenth of a second apart, for control's word on a code of an agent's
STEP_RETRIES_IN_LINE: Final = 14  # who waits on 156 has a place to lose, and knocks longer …
STEP_RETRY_WAIT_IN_LINE: Final = 1.0  # … and less often, so that control can start meanwhile

# --- the AGI door ---
AGI_HEADER_TIMEOUT: Final = 2.0
AGI_HEADER_BYTES: Final = 16 * 1024
AGI_REPLY_BYTES: Final = 64 * 1024
AGI_COMMAND_BYTES: Final = 4 * 1024
AGI_COMMAND_BUDGET: Final = 2.0  # beyond the command's own known length
AGI_SESSIONS: Final = 4_000

# --- the AMI link ---
AMI_CONNECT_TIMEOUT: Final = 3.0
AMI_ACTION_TIMEOUT: Final = 2.0
AMI_PING_EVERY: Final = 2.0
AMI_PINGS_MISSED: Final = 2
AMI_FRAME_BYTES: Final = 64 * 1024
AMI_BACKLOG_EVENTS: Final = 200_000
AMI_RECONNECT_FIRST: Final = 0.2
AMI_RECONNECT_LAST: Final = 60.0
RECONCILE_EVERY: Final = 15.0  # a full look at the switch, to mend missed events
SNAPSHOT_MARGIN: Final = 2.0  # a call younger than this may be missing from a look
DIARY_BYTES: Final = 64 * 1024 * 1024  # how far back the switch's event file is read
ENDS_REMEMBERED: Final = 1_000  # of calls that ended before they had their number
DIARY_WAIT: Final = 0.5  # the switch writes its event file a little after the event

# --- offers and talks ---
RING_SECONDS: Final = 15.0
RING_SECONDS_MAX: Final = 60.0
OFFER_LEASE: Final = 5.0  # an offer unheard of for ring time + this is taken back
ANSWER_WAIT: Final = 2.0  # between an agent's `answered` event and the caller's own account
WRAP_UP_SECONDS: Final = 20.0
WRAP_UP_SECONDS_MAX: Final = 600.0
CUT_OFF_AGAIN: Final = 0.05  # an announcement that plays on for an offer is cut off once more
REST_AFTER_GATE: Final = 2.0  # an agent whose gate was closed is left alone this long
PHONE_SETTLES: Final = 1.0  # between the end of an offer and its phone's own word of it
WHISPER_SECONDS: Final = 2.0

# --- menus ---
INPUT_TIMEOUT: Final = 7.0
MENU_TRIES: Final = 2
PROMPT_SECONDS_MAX: Final = 25.0
EMERGENCY_GREETING_SECONDS_MAX: Final = 3.0
SUBJECTS_MAX: Final = 6
NODES_PER_CALL: Final = 200  # a call that visits more nodes is handed to a person
DIALPLAN_BYTES: Final = 256 * 1024
DIALPLAN_DEPTH: Final = 32

# --- the lease of the one who owns the floor ---
LEASE_SECONDS: Final = 5.0
WATCHDOG_SECONDS: Final = 5.0  # a control process silent this long is killed and started again

# --- the processes ---
HEARTBEAT_EVERY: Final = 1.0
LINK_WAIT: Final = 1.5  # a starting control opens its step door after this, link or no link
LINK_WAIT_LAST: Final = 6.0  # and leaves its callers to the static path after this without one
CONTROL_START_SECONDS: Final = 30.0  # a control process that is still starting may be silent
RESTART_WAIT_FIRST: Final = 0.1  # before a dead child is started again …
RESTART_WAIT_LAST: Final = 10.0  # … doubled up to this while it keeps dying young

# --- the protocol store ---
PROTOCOL_BLOCK: Final = 1_000
PROTOCOL_BUDGET: Final = 1.0  # a step that gets no number in this time lets the static path serve
FACT_DETAIL_BYTES: Final = 4 * 1024
FACTS_PENDING: Final = 200_000
WRITER_BATCH: Final = 2_000
WRITER_LINGER: Final = 0.02  # facts alone wait this long for others, to share one flush to disk
WRITER_RETRY_FIRST: Final = 0.05  # a failing database is tried again after this …
WRITER_RETRY_LAST: Final = 0.5  # … and never less often than this
STORE_BUDGET: Final = 5.0  # any other question to the store
STORE_CLOSE_BUDGET: Final = 5.0  # how long closing waits for facts that are not stored yet
STORE_READERS: Final = 2  # threads that read, each with its own connection
DATABASE_CONNECT_TIMEOUT: Final = 2.0
DATABASE_LOCK_TIMEOUT: Final = 1.0
DATABASE_STATEMENT_TIMEOUT: Final = 3.0
CHECKPOINT_EVERY: Final = 1_000  # numbers and facts, then SQLite's log is moved into its file …
SQLITE_LOG_PAGES: Final = 20_000  # … which a commit must do itself when the log is this long
RESCUE_RECORD_BYTES: Final = 16 * 1024
RESCUE_RECORDS_AT_ONCE: Final = 500  # one pass over the spool takes in no more than this

# --- recordings ---
RECORDING_SHORTER_THAN_TALK: Final = 2.0  # a file this much shorter than the talk is reported
RECORDING_CHECK_AFTER: Final = 2.0

# --- the HTTP API ---
HTTP_BODY_BYTES: Final = 64 * 1024
WATCHER_QUEUE: Final = 256  # a watcher that lags this far is given a fresh picture instead
HTTP_BODY_TIMEOUT: Final = 5.0
HTTP_CONNECTIONS: Final = 500
HTTP_CLOSE_BUDGET: Final = 2.0  # open requests get this long when the centre stops
API_TIMEOUT: Final = 10.0  # how long the command line waits for an answer
WATCHERS: Final = 200
WATCHER_HEARTBEAT: Final = 5.0  # a watcher hears something at least this often
FLOOR_PICTURE_EVERY: Final = 0.5  # and a picture of a busy floor no more often than this
LOOP_LAG_EVERY: Final = 0.25  # how often the event loop's lateness is measured
NAME_CHARACTERS: Final = 80  # of a person's full name, or a pause's reason

# --- the switch ---
OPEN_FILES: Final = 20_000  # a call takes a dozen descriptors
CALLS_156: Final = 800  # calls of 156 at once; 199 and 153 have no cap (R31, R32)
RTP_SILENCE: Final = 30  # a caller whose sound stops this long has vanished …
RTP_SILENCE_ON_HOLD: Final = 50  # … also one who holds the call
RTP_SILENCE_OF_AGENT_ON_HOLD: Final = 900  # a phone on hold sends nothing; the citizen hears music
PHONE_QUALIFY_EVERY: Final = 15
SWITCH_START_SECONDS: Final = 20.0
SWITCH_LOOK_EVERY: Final = 0.05  # while it starts
SWITCH_STOP_SECONDS: Final = 8.0
SWITCH_QUESTION_SECONDS: Final = 5.0  # one question on its control socket
SWITCH_INSTALL_SECONDS: Final = 1_800.0  # downloading it on a slow line
DISK_FREE_BYTES: Final = 2 * 1024**3  # `doctor` asks for this much: two days of recordings
SHOWN_PROBLEMS: Final = 10  # of one kind, before `doctor` only counts
DIARY_ROTATE_BYTES: Final = 32 * 1024 * 1024  # at a start a longer file is put aside, one deep

# --- the static path: what the switch does alone ---
RESCUE_SECONDS: Final = 3.0  # the rescue script gets no more than this, then the call goes on
STATIC_WAIT: Final = 300.0  # in the contingency queue, before a message is taken
STATIC_ANNOUNCE_EVERY: Final = 30.0
MESSAGE_SECONDS: Final = 120.0
MESSAGE_SILENCE: Final = 5.0

# --- recorded prompts (levels in dB below the loudest sample that 16 bits can hold) ---
PROMPT_RATE: Final = 8_000  # samples a second: the telephone's own
PROMPT_LENGTH_OFF: Final = 0.05  # a file may differ this much from the length in the index
PROMPT_QUIET_FIRST: Final = 0.3  # silence before the first word
PROMPT_QUIETEST: Final = -30.0  # level of the whole, as a root mean square
PROMPT_PEAK: Final = -1.0  # a peak above this is clipping, or about to
PROMPT_INDEX_BYTES: Final = 4 * 1024 * 1024

# --- menus, as files ---
MENU_LEVELS: Final = 8  # how many menus back a caller's place remembers
INPUT_TIMEOUT_MAX: Final = 30.0
SPOKEN_CHARACTERS: Final = 600  # of one text; 25 s of speech are about 400
NOTE_CHARACTERS: Final = 60  # what an agent reads of a call's subject
WAITING_TEXT_EVERY_MIN: Final = 10.0
WAITING_TEXT_EVERY_MAX: Final = 600.0
QUEUE_PRIORITY_MAX: Final = 100
MISTAKES_SHOWN: Final = 100  # of one file
HINT_NAMES: Final = 200  # "você quis dizer" is looked for among no more names than this

# --- the AMI link, what else bounds it ---
AMI_RECONNECT_USUAL: Final = 1.0  # a link that is only down is tried at least this often
AMI_RECONNECT_STEADY: Final = 5.0  # a link that held this long is tried anew without delay
AMI_BACKLOG_BYTES: Final = 64 * 1024 * 1024
AMI_LIST_ITEMS: Final = 50_000
AMI_LINE_BYTES: Final = 1_000  # Asterisk cuts longer lines
AMI_ORDERS: Final = 2_000  # orders that wait for their answer
AMI_WRITE_BYTES: Final = 1024 * 1024  # a switch that leaves this much unread does not listen
AMI_PING_GRACE: Final = 0.5  # what the last of the missed pings is still given
AMI_TURN_EVENTS: Final = 100  # events heard before others get their turn
AMI_LOOK_RETRY: Final = 1.0

# --- menus, what else bounds them ---
BETWEEN_DIGITS: Final = 3.0  # between two digits of one number
BETWEEN_CODE_DIGITS: Final = 1.5  # after `*`: back at once would swallow a direct code's digits
TYPING_TRIES: Final = 3  # a number that cannot be right this often: a person (R08)
TYPED_DIGITS: Final = 30
DATA_CHARACTERS: Final = 120  # of one value that a call carries
DATA_VALUES: Final = 20  # that a call carries
LOOK_UP_SECONDS: Final = 2.0
LOOK_UP_SECONDS_MAX: Final = 8.0
RELAY_LISTEN: Final = 120.0  # a deaf citizen's interpreter is given this instead of any time-out
RELAY_TRIES: Final = 20  # and asked this often before a person is found
SURVEY_QUESTIONS: Final = 4
ANNOUNCEMENT_SECONDS_MAX: Final = 10.0
EMERGENCY_SPEECH_SECONDS_MAX: Final = 7.0  # before a 199 or 153 caller's queue (R30)
PERSON_KEYS_MAX: Final = 2  # from any node of 156 a person is this many keys away (R05)

# --- publishing ---
VERSIONS_KEPT: Final = 16  # older versions in memory, for the calls that began on them
VERSIONS_LISTED: Final = 100  # that a person is shown
VERSIONS_ON_DISK: Final = 20
DIALPLAN_FILES: Final = 200  # of one version, call scripts included
PUBLISH_BODY_BYTES: Final = 2 * 1024 * 1024  # of the request that hands a version in
PUBLISH_SECONDS: Final = 600.0  # reading, proving and recording what is new of a version
NOTE_OF_VERSION: Final = 500  # characters
PUBLISHING_LOOK_EVERY: Final = 5.0  # the store's word of what serves is looked at this often
OLD_QUEUES_STAY: Final = 3_600.0  # queues that a version took away, for the calls of the one before
ORDERS_LISTED: Final = 100  # announcements and short menus, ended ones too
ORDERS_OPEN: Final = 40
ORDER_LOOK_EVERY: Final = 0.5  # an order whose time is over is ended this soon
SHORT_MENU_SECONDS: Final = 12 * 3_600.0  # of a short menu, unless it is said until when
ORDERED_SECONDS_MAX: Final = 31 * 86_400.0  # of an announcement or a short menu

# --- dialplans, as files ---
TARGET_SECONDS: Final = 15.0  # the contract's service level: answered callers who waited no longer
TARGET_SHARE: Final = 0.85
TARGET_SECONDS_MAX: Final = 3_600.0
SKILL_LEVELS: Final = 9  # 1 is the best
RINGS_MAX: Final = 5
RING_AFTER_MAX: Final = 3_600.0
TRIES_MAX: Final = 5  # of a menu, or of typing a number
BETWEEN_DIGITS_MIN: Final = 1.0
BETWEEN_DIGITS_MAX: Final = 10.0
MESSAGE_SECONDS_MIN: Final = 10.0
MESSAGE_SECONDS_MAX: Final = 300.0
LOOK_UP_SECONDS_MIN: Final = 0.1
PATH_CHARACTERS: Final = 400
LIST_ITEMS: Final = 200  # of one list of holidays
TEXTS_IN_A_ROW: Final = 20  # of one list of texts
HOLIDAYS_FROM: Final = 2024  # the years that holidays are counted out for …
HOLIDAYS_TO: Final = 2045  # … the first and the last
SPANS_A_DAY: Final = 6
ANNOUNCEMENT_DAYS_MAX: Final = 366  # between its start and its end

# --- asking others (outside/) ---
OUTSIDE_AT_ONCE: Final = 16  # questions that one source is at work on …
OUTSIDE_WAITING: Final = 150  # … and that wait for their turn; more fail at once
OUTSIDE_FAILURES: Final = 5  # in a row, and a source is left alone …
OUTSIDE_REST: Final = 10.0  # … this long, before one question tries it again
OUTSIDE_REPLY_BYTES: Final = 64 * 1024
OUTSIDE_CONNECT_TIMEOUT: Final = 2.0
OUTSIDE_ADDRESS_KEPT: Final = 60.0  # a host's address is used this long before it is asked for
OUTSIDE_IDLE_KEPT: Final = 300.0  # a database connection in use is made anew after this …
OUTSIDE_WEB_IDLE_KEPT: Final = 2.0  # … and an unused HTTP connection closed after this
OUTSIDE_CONNECTIONS_KEPT: Final = 4  # to one database, while nobody asks
OUTSIDE_CLOSE_BUDGET: Final = 1.0
SERVICE_PARAMETERS: Final = 8
SERVICE_SQL_CHARACTERS: Final = 2_000

# --- a call's way through its menu ---
DATA_BYTES: Final = 1_800  # of all data that a call carries on its channel
HOLD_MUSIC_AFTER: Final = 0.5  # a service that takes longer is waited for with music
KEY_WAIT_AT_ONCE: Final = 10.0  # a longer wait for a key is cut into pieces of this
WAITING_KEYS: Final = 16  # pressed while waiting and not yet looked at
MESSAGE_TONE: Final = 0.5
LOOK_UP_GRACE: Final = 0.5  # a service that answers late by its own clock is given this
CASES_MAX: Final = 20  # of one decision
CONDITION_VALUES: Final = 50  # that one condition may name

# --- values that are known only during a call, read aloud ---
LIVE_BUDGET: Final = 2.0  # before the first sound
LIVE_VOICES: Final = 1  # processes that speak; each takes a core while it does
LIVE_LIGHT_VOICES: Final = 2  # of a voice that takes little
LIVE_WAITING: Final = 50  # texts that wait for the voice; more are told the fallback at once
LIVE_CHARACTERS: Final = 240  # of one text, spelled out for the voice
LIVE_SPEAKING: Final = 8.0  # a text that takes the voice longer than this has stopped it
LIVE_START: Final = 30.0  # loading the voice, on a machine that is busy
LIVE_RESTART_FIRST: Final = 1.0  # a voice that died is started again after this …
LIVE_RESTART_LAST: Final = 60.0  # … doubled up to this while it keeps dying
LIVE_SOUND_BYTES: Final = 1024 * 1024  # of one text: a minute
LIVE_KEPT: Final = 2_000  # values kept for the next caller who hears the same …
LIVE_KEPT_SECONDS: Final = 86_400.0  # … for a day: they may be about a person
LIVE_TIDY_EVERY: Final = 600.0
LIVE_KEPT_AT_LEAST: Final = 120.0  # a call may still be playing it

# --- recording what a dialplan says ---
ORDER_SECONDS: Final = 60.0  # loading the voice, and …
ORDER_SECONDS_EACH: Final = 20.0  # … for each text
ORDER_SECONDS_MAX: Final = 1_800.0
STUDIO_FILE_BYTES: Final = 32 * 1024 * 1024
PROMPT_LEVEL: Final = -20.0  # of the speech itself; every recording is brought to it …
PROMPT_LEVEL_OFF: Final = 1.0  # … within this
SKILLS_OF_A_RING: Final = 20
RELAY_NUMBERS: Final = 50
ANNOUNCEMENTS_MAX: Final = 100  # of the file

# --- does a version make more callers fail (ivr/comparison.py says how these are used) ---
WATCH_ALPHA: Final = 0.01  # chance that a version no worse than the last rings any alarm
WATCH_CALLS_FIRST: Final = 100  # calls of a version and line before anything is said of it …
WATCH_LOOKS: Final = 8  # … and how often the number is doubled for another look: up to 12,800
WATCH_RISE: Final = 0.02  # a smaller rise of the share of calls that fail rings nothing
WATCH_CALLS_MAX: Final = 20_000  # of one version and line; then its counts are halved
WATCH_OPEN_CALLS: Final = 20_000
WATCH_SAVE_EVERY: Final = 2.0  # counts that a crash loses
VERSIONS_COUNTED: Final = 8

# --- call scripts ---
SCRIPT_CALLS: Final = 500  # of one file
SCRIPT_STEPS: Final = 100  # of one call
SCRIPT_NAME_CHARACTERS: Final = 100
DRAWN_CHARACTERS: Final = 70  # of a text, in the picture of a tree

# --- who is served first among equals (acd/choice.py `index_of`) ---
CALLER_COUNTS: Final = 60.0  # seconds of the head's own wait, for each caller in its queue
LONG_WAIT: Final = 22.0  # from about here on the head's own wait decides

# --- how long callers will wait (acd/estimate.py says how these are used) ---
WAIT_RANGE_HOLDS: Final = 0.8  # of the ranges told shall hold
WAIT_RECENT: Final = 30  # answers that "lately" means
WAIT_MEMORY: Final = 0.998  # what an answer still counts after the next one
WAIT_QUESTIONS_KEPT: Final = 20  # about one caller; what is asked beyond is not learned from
WAIT_SERVED_EVERY: Final = 30.0  # a queue's answers, before any was seen …
WAIT_GIVES_UP_AFTER: Final = 400.0  # … and how long its callers wait for one

# --- figures of the floor (acd/measures.py) ---
MEASURED_CALLS: Final = 20_000  # in course at once; of older ones no end is expected any more

# --- what supervisors order in a hurry, numbers under suspicion, talks without sound ---
STORM_SECONDS: Final = 6 * 3_600.0  # of a storm, unless it is said until when
REASON_CHARACTERS: Final = 200
NUMBERS_MARKED: Final = 20_000  # marks that hold at one time
MARK_SECONDS: Final = 30 * 86_400.0  # of a suspicion, unless it is said until when
MARK_SECONDS_MAX: Final = 180 * 86_400.0
DEAD_AIR_SECONDS: Final = 10.0  # a leg that is silent for longer is told of
DEAD_AIR_QUIET: Final = 4.0  # the switch says that a leg fell silent after this much silence
DEAD_AIR_LEVEL: Final = 30  # mean size of a sample, of 32767: a muted phone is below (-61 dB)
DEAD_AIR_LOOK_EVERY: Final = 1.0
DEAD_AIR_CALLS: Final = 10_000  # calls whose sound is remembered
DEAD_AIR_COUNTS: Final = 50  # legs whose packets are asked for in one look

# --- what a waiting caller is told of the wait (R25, R26) ---
FORECAST_SPEECH_MAX: Final = 8.0  # of one forecast, or of the offer to be called back
FORECAST_EVERY: Final = 60.0  # between two forecasts, unless the line says otherwise
FORECAST_EVERY_MIN: Final = 10.0
SPOKEN_MINUTES: Final = (1, 2, 3, 5, 7, 10, 15, 20)  # where a range that is spoken may end
SPOKEN_PEOPLE: Final = (*range(11), 15, 20, 30, 50)  # … and how many people, rounded up …
EXACT_PEOPLE: Final = 10  # … «cerca de» from here on
CALL_BACK_LONGER_THAN: Final = 300.0  # a wait from which on a call-back may be offered …
CALL_BACK_LONGER_MIN: Final = 60.0
CALL_BACK_LONGER_MAX: Final = 3_600.0
CALL_BACK_OFFER_EVERY: Final = 120.0  # … and how often
PAUSE_BEFORE_HANGING_UP: Final = 1.0  # the last digit of a protocol must not be cut off

# --- agents at work: NR-17 annex II, items 5.4 and 5.3; R40–R47 ---
SHORT_PAUSE: Final = 600.0  # each of a shift's ten-minute pauses
MEAL_PAUSE: Final = 1_200.0  # the break of twenty minutes
DESGASTE_SECONDS: Final = 600.0  # after a call that was marked abusive (R45)
PAUSE_FREE_EDGE: Final = 3_600.0  # no ten-minute pause in the first or the last of a shift
PAUSE_WARNED_BEFORE: Final = 60.0  # that a timed pause is about to end
PAUSE_STEP: Final = 300.0  # planned pauses begin on such marks of the clock
DAY_AT_WORK: Final = 6 * 3_600.0  # logged time a day, pauses included (R46)
SHORT_SHIFT: Final = 4 * 3_600.0  # a shift this long or shorter has one pause
BETWEEN_DAYS: Final = 11 * 3_600.0  # rest that separates two days at work (CLT, art. 66)
EXCEPTION_SECONDS_MAX: Final = 2 * 3_600.0  # of a day at work beyond its limit (CLT, art. 59)
WRAP_UP_MORE: Final = 30.0  # that an agent gets for asking …
WRAP_UP_MORE_MAX: Final = 120.0  # … in all, after one talk
DISPOSITIONS_MAX: Final = 9  # as many as there are keys for
PLAN_AHEAD: Final = 31 * 86_400.0  # a shift is planned no further ahead

# --- the mirror of the floor in Redis (floor_mirror/) ---
MIRROR_BUDGET: Final = 1.0  # of one call
MIRROR_RETRY: Final = 1.0  # after a failure
MIRROR_EVERY: Final = 0.25  # the floor is written no more often …
MIRROR_HEARTBEAT: Final = 1.0  # … and, when nothing changes, this often
MIRROR_SHARE: Final = 0.05  # of the event loop's time that pictures may take
MIRROR_KEPT: Final = 600  # seconds; then an epoch that nobody renews bars no other
MIRROR_NAMES: Final = 200  # named in one message
MIRROR_READS: Final = 5  # tries to read what no write came into
MIRROR_CALLERS: Final = 100  # shown of one queue, those who are next; the others are counted
MIRROR_AGENTS: Final = 5_000

# --- calls that go out (callflow/dial_out.py and asterisk-conf/extensions_out.conf) ---
OUT_CHANNELS: Final = 60  # at once; with CALLS_156 it leaves 199 and 153 their channels (R31)
OUT_CHANNELS_URGENT: Final = 20  # more, for call-backs of emergencies alone (R34)
OUT_PER_SECOND: Final = 5
OUT_PER_HOUR: Final = 2_000
OUT_PER_NUMBER: Final = 6  # an hour: nobody is rung more often, whatever goes wrong
OUT_NUMBERS_REMEMBERED: Final = 50_000
OUT_RING_SECONDS: Final = 30.0  # a citizen's phone is let ring this long
OUT_LEASE: Final = 10.0  # an attempt unheard of for both its ringing times + this is over
OUT_DATA_BYTES: Final = 800  # of one variable of an order to call; more take the next
CALL_BACK_TRIES: Final = 3
CALL_BACK_APART: Final = 300.0  # between two attempts at one citizen
CALL_BACK_LIVES: Final = 4 * 3_600.0  # then the promise expires, and a task for a person is left
CALL_BACK_GOODBYE: Final = 30.0  # a citizen who hears the promise is not called meanwhile
CALL_BACK_HELD: Final = 2.0  # what a cap has stopped is tried again after this …
OUT_FULL: Final = 60.0  # … what the caps of an hour have stopped after this …
OUT_SHUT: Final = 30.0  # … what the carrier took no call of, and whatever else, after this …
OUT_SHUT_AFTER: Final = 2  # … refused so often in a row …
CALL_BACK_STORE_WAIT: Final = 5.0  # … and what could not be written down after this
URGENT_TRIES: Final = 2  # at a citizen who dropped out of 199 or 153 (R34)
URGENT_APART: Final = 30.0  # both within two minutes, ringing included
URGENT_LIVES: Final = 1_800.0  # while nobody is free for it
ABANDONED_AFTER: Final = 15.0  # who gives up on 156 after so long is owed a call (R60) …
ABANDONED_DUE: Final = 86_400.0  # … within this
CALL_BACK_PRIORITY: Final = 98  # of an emergency's call-back
RESUME_SECONDS: Final = 300.0  # who calls again this soon after a drop finds protocol and place
STICKY_SECONDS: Final = 3_600.0  # an agent is preferred by whom they spoke with this lately
CASES_REMEMBERED: Final = 50_000  # citizens' numbers, for the two above

# --- what an agent does with a talk: hold, consult, transfer (acd/consults.py) ---
CONSULT_RING: Final = 20.0  # how long somebody who is asked is rung
OUTSIDE_RING: Final = 45.0  # … and a number outside
DIRECTED_SECONDS: Final = 60.0  # a call sent to one agent has joined by then
STEP_COMES_AGAIN: Final = 8.0  # after control was away: the dialplan has knocked by then
KEYS_TOGETHER: Final = 5.0  # between two keys of what an agent types during a talk
KEYS_TYPED: Final = 40
ROOM_EMPTIES: Final = 1.0  # a room whose last agent has left has let the citizen go by then
FURTHER_PROTOCOLS: Final = 9  # in one call
SPY_RING: Final = 20.0  # a supervisor's own phone, to listen

# --- the choice of caller and agent (acd/choice.py, reserve.py, rows.py) ---
AGEING_SECONDS: Final = 60.0  # what a queue's ageing is given for
AGES_MAX: Final = 20.0  # points of priority in each minute of waiting
LONGEST_WAIT_MIN: Final = 30.0  # that a queue may give as its longest
LONGEST_WAIT_MAX: Final = 7_200.0
QUEUE_SIZE_MAX: Final = 10_000  # that a queue may give as its largest
NEEDS_OF_A_QUEUE: Final = 8  # alternatives, and skills of one
NEEDS_CHARACTERS: Final = 240  # of a call's own needs, as the text that it carries
NEEDS_HELD: Final = 45.0  # … in a queue without rings: when rings of 156 open (R24)
RESERVE_AGENTS_MAX: Final = 500
RECALL_AFTER: Final = 10.0  # an emergency's wait, then agents in training are called back (R33)
RECALL_AFTER_MAX: Final = 120.0
LOAD_HALF_LIFE: Final = 1_800.0  # of a caller, in what a queue's demand is now
LOAD_WORK_SECONDS: Final = 240.0  # of one call, before any was seen …
LOAD_WORK_WEIGHT: Final = 20.0  # … as if by so many calls
DEMAND_EVERY: Final = 10.0  # seconds for which the shares of demand stand
NEEDS_KEPT: Final = 200  # of a queue: combinations of what single calls need beside
PAUSE_KEEPS_IDLE: Final = 120.0  # a shorter pause does not send an agent to the end (R23)
PROFILES_KEPT: Final = 2_000  # combinations of skills; those that nobody has are forgotten then
SKIPPED_TOLD: Final = 10  # callers and agents passed over, in the fact of an offer
SKIPPED_LOOKED_AT: Final = 40  # rows, when looking for callers who came earlier
PROBLEMS_KEPT: Final = 1_000  # recordings gone wrong, of which …
PROBLEMS_SHOWN: Final = 3_600.0  # … those of the last hour are told on the floor

# --- the view of the floor in a terminal ---
VIEW_TURNS_EVERY: Final = 1.0  # waits are drawn on, without anything new
VIEW_STALE_AFTER: Final = 12.0  # two heartbeats of the stream were missed
HISTORY_PAGE: Final = 2_000  # facts read at once, when a start counts the day's figures again
HISTORY_SLACK: Final = 1_000  # rows by which facts may be out of order
EARLY_FACTS: Final = 100_000  # heard while that goes on

# --- reports ---
SHEET_ROWS: Final = 100_000  # of one sheet; what is beyond is left out, and the sheet says how much
REPORT_BUDGET: Final = 120.0  # seconds, then it is given up
REPORT_INTERVAL_MIN: Final = 60.0  # between two rows of a report (R76)
REPORT_LOOKS_BACK: Final = 1_440  # minutes: who came before the period may still be waiting in it

# --- reports of the IVR ---
CALLERS_SHOWN: Final = 10_000  # numbers, those who called most first
PATHS_SHOWN: Final = 1_000  # ways through the tree, the most usual first
PATH_NODES: Final = 12  # of one such way; what comes behind is not told apart

# --- papers, and the process that makes reports ---
CELL_CHARACTERS: Final = 32_000  # a spreadsheet takes 32,767, as UTF-16 counts them
DOCUMENT_ROWS: Final = 3_000  # of a text document; whoever wants more takes a spreadsheet
CHART_POINTS: Final = 1_500  # along a chart's axis; more is no picture any more
SCREEN_ROWS: Final = 500  # of a report in a terminal
REPORTS_WAITING: Final = 4  # behind the one that is being made; the next is refused
REPORT_MEMORY: Final = 2 * 1024 * 1024 * 1024  # bytes of address space of that process
REPORT_NICE: Final = 15  # how far that process stands back behind calls

# --- recordings: sealing, late checks, playback, retention (R54-R57; 3.5.1-3.5.9) ---
SEAL_LOOK_EVERY: Final = 60.0  # what nobody sealed or checked is looked for this often (R55)
SEAL_CHECKED_AFTER: Final = 60.0  # a call over for this long without its check is checked late …
SEAL_LOOKED_BACK: Final = 7 * 86_400.0  # … among the calls of this long, at a start
SEAL_LOOKED_BACK_LATER: Final = 3_600.0  # … and from then on
SEAL_LATE_CHECKS: Final = 500  # in one look
SEAL_AT_ONCE: Final = 1_000  # files in one look
SEAL_ORPHAN_AFTER: Final = 86_400.0  # a file of a call that nobody knows is sealed after this
SEAL_WAIT: Final = 5.0  # how long a call that is over is waited for in the store
RECORDINGS_PAGE: Final = 50  # of a search …
RECORDINGS_PAGE_MAX: Final = 500  # … and the most that may be asked for
LISTENING_GOES_ON: Final = 900.0  # seeking in one listening is no second one for this long
LISTENINGS_REMEMBERED: Final = 1_000
SOUND_BLOCK: Final = 256 * 1024  # bytes of one piece of an answer
SOUNDS_KEPT: Final = 4  # delivered as ogg or mp3, for the next piece that is asked for …
SOUND_KEPT_BYTES: Final = 32 * 1024 * 1024  # … if they are no longer than this
RECORDING_ONLINE_DAYS: Final = 90  # at least, for every talk with an agent (3.5.3)
RETENTION_EVERY: Final = 3_600.0  # the policy's job looks this often
RETENTION_AT_ONCE: Final = 500  # recordings of one class in one go
RETENTION_SHOWN: Final = 20  # names that a rehearsal shows
KEYS_AT_ONCE: Final = 500  # wrapped anew in one transaction

# --- the chain of facts, stores merged, kept aside and brought back ---
HEAD_SIGNED_EVERY: Final = 300.0  # what is altered later than this is found by a signed head
CHAIN_ROWS: Final = 5_000  # looked at in one question …
CHAIN_DOUBTS: Final = 1_000_000  # … of which so many may wait for what attests their erasure
CHAIN_FINDINGS: Final = 200  # told one by one; the others are counted
MERGE_ROWS: Final = 1_000  # facts of one transaction
RESCUE_LEFT_OUT: Final = 10_000  # of the switch's own numbers, when a copy was brought back
BACKUP_BUDGET: Final = 6 * 3_600.0  # of one run of a database's own program

# --- the city's contract (reader/contract_file.py, protocol_store/carrier_file.py) ---
CONTRACT_TEXT_CHARACTERS: Final = 500  # of a source, a title, a why
CONTRACT_TERMS_MAX: Final = 50
CONTRACT_INDICATORS_MAX: Final = 60
CONTRACT_BANDS_MAX: Final = 60  # of one indicator; of the table of factors
CONTRACT_WINDOWS_MAX: Final = 1_000
CONTRACT_MONTHS_MAX: Final = 36  # looked back at
CONTRACT_PERIOD_DAYS: Final = 400  # of one report about the contract
CARRIER_FILE_BYTES: Final = 1024 * 1024  # less than the request that brings it
CARRIER_FILE_ROWS: Final = 50_000
CARRIER_MISTAKES_SHOWN: Final = 100

# --- what is held about one citizen ---
CITIZEN_CALLS: Final = 5_000  # calls of one number that are told; of more it is said how many
CITIZEN_CALLS_AT_ONCE: Final = 100  # told in one question, erased in one transaction: some 0.3 s
CITIZEN_PAGE: Final = 5_000  # rows looked at in one question
NAMES_AT_ONCE: Final = 500  # calls named in one question
TYPED_DAYS: Final = 730  # what citizens typed: two years, for a complaint and what follows of it
NUMBER_DAYS: Final = 1_825  # callers' numbers: five years, as long as the city may be held to it
DATA_RETENTION_EVERY: Final = 900.0  # seconds between two looks whether it is time, and quiet
DATA_RETENTION_HOURS: Final = (1, 5)  # on the city's clock: when few people call
DATA_RETENTION_CALLS: Final = 50  # calls in course: with more of them it waits
DATA_RETENTION_PAUSE: Final = 0.2  # seconds between two transactions, for everybody else's
OUTGOING_AT_ONCE: Final = 200  # contacts and texts that are let go in one transaction
CONTACT_DAYS: Final = 730  # whom campaigns called: as long as what citizens typed
TEXT_DAYS: Final = 730  # texts to citizens and theirs: likewise
DATA_RETENTION_BEHIND: Final = 5.0  # seconds that the store may be behind: then it waits

# --- the journal: durable before the database (protocol_store/journal*.py) ---
JOURNAL_LINGER: Final = 0.002  # facts alone wait this long for others, to share one flush …
JOURNAL_GROUP: Final = 5_000  # … of no more than so many
JOURNAL_FRAME_BYTES: Final = 256 * 1024
JOURNAL_SEGMENT_BYTES: Final = 16 * 1024 * 1024
JOURNAL_KEPT: Final = 2 * 86_400.0  # what is stored stays this long: a database set back to last
# night's copy is filled from it
JOURNAL_RETRY: Final = 0.5  # a disk that refuses is tried again after this
JOURNAL_LOOK_EVERY: Final = 5.0  # how full the disk is, and what can be removed
JOURNAL_LOCK_WAIT: Final = 5.0  # for a process that is just dying
NUMBERS_AHEAD: Final = 40_000  # protocol numbers at hand without the database: a stormy hour
NUMBERS_LEFT_OUT: Final = 1_000_000  # when a database was set back, and nobody knows what was drawn
DRAW_AGAIN: Final = 1.0  # when no numbers could be drawn ahead
CALLS_REMEMBERED: Final = 12 * 3_600.0  # a call that asks again this late has the same number
CALLS_KNOWN: Final = 400_000  # … and no more of them
CALL_LOOK_UP: Final = 0.25  # in the database, for a call that is older than the journal
THREAD_TURN: Final = 0.0005  # Python's own 5 ms is how long a flush that is done would go unnoticed
READ_AFTER_WRITE: Final = 0.25  # a question waits this long for what was written before it

# --- numbers of the city's own system ---
ISSUER_BUDGET: Final = 0.3  # seconds that a caller waits for it; then the number is ours
TELLING_BUDGET: Final = 5.0  # seconds for telling it of one that we gave
NUMBERS_TOLD_AT_ONCE: Final = 100
NUMBERS_TOLD_EVERY: Final = 30.0
CITY_NUMBERS_KNOWN: Final = 50_000  # of the last calls: one number given twice is found out

# --- questions to the store ---
READING_MEMORY_MB: Final = 64  # PostgreSQL's work_mem, for each sort of a question

# --- the check that totals add up (R77) ---
BALANCE_FIRST: Final = 300.0  # after a start …
BALANCE_EVERY: Final = 3_600.0  # … and then
BALANCE_LOOKS_BACK: Final = 26 * 3_600.0
BALANCE_SETTLES: Final = 900.0  # what happened since may still be told
BALANCE_BEHIND: Final = 60.0  # nothing is checked while the database is further behind

# --- contact lists of campaigns (reader/contact_*.py) ---
CONTACT_LIST_BYTES: Final = 256 * 1024 * 1024
CONTACT_SHEET_BYTES: Final = 1024 * 1024 * 1024  # of a spreadsheet once it is unpacked
CONTACT_SHEET_MEMORY: Final = 3 * 1024 * 1024 * 1024  # of the process that opens it first …
CONTACT_SHEET_SECONDS: Final = 60.0  # … and how long it may take
CONTACTS_OF_A_LIST: Final = 1_500_000
CONTACT_COLUMNS: Final = 200
CONTACT_FIELDS: Final = 20  # columns that are kept for the agent
CONTACT_FIELD_CHARACTERS: Final = 300
CONTACT_PAUSE: Final = 0.005  # seconds between two pages, for everybody else's
CONTACT_PAGE: Final = 5_000  # contacts that are stored together, in well under a second
CONTACT_MISTAKES_SHOWN: Final = 1_000  # of a list; the rest is counted
CAMPAIGN_TRUNKS: Final = 20
REHEARSAL_DAYS: Final = 60
REHEARSAL_TALK: Final = 180.0  # what a rehearsal supposes unless it is told better, of a talk …
REHEARSAL_SHORT: Final = 0.1  # … and of answers that hang up within SHORT_CALL
SPOKEN_A_SECOND: Final = 15.0  # characters
CAMPAIGN_PRIORITIES: Final = 9
CAMPAIGN_RETRY_MIN: Final = 60.0
CAMPAIGN_RETRY_MAX: Final = 7 * 86_400.0
CAMPAIGN_SCRIPT_CHARACTERS: Final = 4_000  # what an agent reads while talking

# --- the dialler's campaigns (dialer/) ---
CAMPAIGN_ATTEMPTS: Final = 3  # at one contact, unless its campaign says otherwise …
CAMPAIGN_ATTEMPTS_MAX: Final = 10  # … and never more
CAMPAIGN_ATTEMPTS_A_DAY: Final = 3  # at one number, all campaigns together
CONTACT_AGAIN: Final = 30.0  # what was ordered and not dialled waits this long, doubled each time …
CONTACT_AGAIN_MAX: Final = 3_600.0  # … up to this
TRIES_KEPT: Final = 2 * 86_400.0  # of days that are over on every clock of the country
DIALER_LOOKS_AHEAD_DAYS: Final = 15  # for the next hour in which a campaign may call

# --- text messages (sms/, outside/text_provider.py, central156/sms_*.py; R68) ---
SMS_ATTEMPTS: Final = 3  # of one message; the contract's own figure
SMS_PARTS: Final = 6  # of one text
SMS_CHARACTERS: Final = 918  # six parts of GSM 03.38
SMS_APART: Final = (300.0, 1_800.0)  # seconds between two attempts: first to second, then on
SMS_LINK_APART: Final = 5.0  # after nothing was sent: the link was down
SMS_DEADLINE: Final = 24 * 3_600.0  # unless the order says otherwise
SMS_DEADLINE_MOST: Final = 30 * 86_400.0
SMS_DOUBT_WAITS: Final = 3_600.0  # for a receipt of what may have been taken
SMS_RATE: Final = 20.0  # messages a second …
SMS_RATE_LEAST: Final = 0.5  # … and no slower, however the carrier throttles
SMS_HELD_FIRST: Final = 1.0  # seconds without any, after a carrier said too fast …
SMS_HELD_MOST: Final = 60.0  # … doubling up to this
SMS_AT_ONCE: Final = 50  # messages looked at, claimed and settled together
SMS_LOOK_EVERY: Final = 1.0
SMS_MEND_EVERY: Final = 30.0  # what is doubtful, and how long it has been
SMS_ORDER_ROWS: Final = 1_000  # stored in one transaction
SMS_FILE_BYTES: Final = 16 * 1024 * 1024
SMS_FILE_ROWS: Final = 200_000
SMS_MISTAKES_SHOWN: Final = 100
SMS_LISTED: Final = 500
SMS_REF_CHARACTERS: Final = 64  # the caller's own id of a message
SMPP_PDU_BYTES: Final = 70_000
SMPP_WINDOW: Final = 10  # submits without an answer
SMPP_ANSWER_WAIT: Final = 15.0
SMPP_ENQUIRE_EVERY: Final = 30.0
SMPP_CONNECT_WAIT: Final = 10.0
SMPP_AGAIN_FIRST: Final = 1.0  # seconds until the next try to connect …
SMPP_AGAIN_MOST: Final = 60.0  # … doubling up to this
SMPP_LATE_KEPT: Final = 1_000  # submits given up as lost, whose answer may still come
TEXT_PROVIDER_WAIT: Final = 10.0  # for an HTTP provider's answer
TEXT_PROVIDER_LOOK: Final = 5.0  # between two looks for receipts and texts
TEXT_PROVIDER_EVENTS: Final = 500  # of one look
ATTEMPT_SETTLES: Final = 2.0  # one younger than this may be missing from a look at the switch
DROPS_SHARE: Final = 0.03  # of the answers of each hour may find nobody, in predictive dialling
DROPS_TARGET: Final = 0.017  # … and so many find nobody in the long run; the rest is for bad luck
DROPS_MARGIN: Final = 3.5  # standard deviations of bad luck that must fit under the cap
DROPS_NEAR: Final = 8.0  # drops to spend below which each answer may cost less
DROPS_SURE: Final = 0.75  # of the flow of answers is what progressive dialling would bring for sure
DROPS_PRICE_FIRST: Final = 0.1  # drops that an answer may cost, before any was seen …
DROPS_PRICE: Final = (0.01, 1.0)  # … never less, never more …
DROPS_LESSON: Final = 0.2  # … and the logarithm moves by so much with a drop
ANSWERS_FLOW: Final = 600.0  # the flow of answers is that of about so many seconds
PACING_AHEAD: Final = 12.0  # about when a call is answered that is placed now: who is free then?
DROP_AFTER: Final = 2.0  # a citizen who answered waits no longer for an agent (R63)
DROP_RING_LEAST: Final = 0.5  # a phone that answers by itself is rung for this long at the least
PREDICTIVE_CALLS_AN_AGENT: Final = 8  # at most, whatever the answer rate
DIALER_TICK: Final = 1.0  # the dialler wants to know the time this often while it works
TRUNK_CHANNELS: Final = 60
TRUNK_PER_SECOND: Final = 5
TRUNK_MONTH: Final = 500_000  # calls of an operator; more on authenticated routes alone (R65) …
TRUNK_MONTH_WARN: Final = (0.8, 1.0)  # … and people are told at these shares of it
SHORT_CALL: Final = 6.0  # a call that lasts up to this is short (Anatel)
SHORT_CALLS_DAY: Final = 100_000  # calls of an operator's day, of which …
SHORT_CALLS_SHARE: Final = 0.85  # … so many short ones have it blocked; …
SHORT_CALLS_WARN: Final = 0.8  # … looked at from this share of either on
CLOCK_JUMP: Final = 60.0  # between two looks of a dialler that works: no time passes so fast
CLOCK_BACK: Final = 1.0
RUNAWAY_REFUSED: Final = 20  # times in a row that the caps refuse one number
RUNAWAY_SAMPLE: Final = 200  # of the last calls …
RUNAWAY_SHARE: Final = 0.8  # … so many that did not complete stop all
DIALER_ORDERS_A_STEP: Final = 20  # more wait for the next step, which comes at once
DIALER_LOOKS_A_STEP: Final = 2_000  # contacts that one step looks at
PREVIEW_SECONDS: Final = 120.0  # an agent looks at a contact this long at most
PREVIEW_AGAIN: Final = 900.0  # what an agent did not call waits this long
ANSWERS_FIRST: Final = 0.3  # share of calls that people answer, before any was made …
ANSWERS_RECENT: Final = 100  # … learned from about so many of the last
ANSWERS_TRUST: Final = 10.0  # … and worth so many is what is supposed at first
RING_STEP: Final = 2.0  # how finely it is known after how much ringing people answer …
RINGS_RECENT: Final = 300  # … learned from so many of the last answers …
RINGS_FIRST: Final = 20.0  # … and worth so many is what is supposed at first
HANDLINGS_KEPT: Final = 500  # how long agents were taken by a call, of so many of the last …
HANDLINGS_TRUST: Final = 5.0  # … and worth so many is …
HANDLING_FIRST: Final = 250.0  # … the time that is supposed at first

# --- campaigns as people watch them (central156/campaign_*.py) ---
CAMPAIGN_PACE_SECONDS: Final = 900.0  # what «lately» is, for the expected end
CAMPAIGN_PACE_LEAST: Final = 10.0  # looks this far apart say something of it
CAMPAIGN_PACE_DAYS: Final = 60  # an end further away is none
CAMPAIGN_COUNTS_KEPT: Final = 1.0  # counts are asked of the store anew after this, or …
CAMPAIGN_FIGURES_AGE: Final = 30.0  # /metrics has counts of contacts that are not much older
CAMPAIGN_COUNTS_SHARE: Final = 20.0  # … after so many times what it took: a million rows take long
PREVIEW_HANDSET: Final = 5.0  # a code was dialled: its phone is down again within this

# --- calls that go out for campaigns, on the switch (pbx/, asterisk-conf/extensions_alone.conf) ---
ATTEMPT_HANG_UPS: Final = 4  # looks at the switch until nothing of an attempt is left …
ATTEMPT_HANG_UP_AGAIN: Final = 0.05  # … and the seconds between two
ATTEMPTS_REMEMBERED: Final = 2_000  # the last orders to call, none of which is given again
FAX_TONE: Final = 1.5  # of 2,100 Hz after the answer is a fax machine (T.30: 2.6 to 4 s)
GREETING_OVER: Final = 1.5  # of silence after a machine's greeting: our text begins …
GREETING_MOST: Final = 30.0  # … as it does after so long
ANSWER_LISTENED: Final = 45.0  # to whoever has picked up: more than all of it together

# --- who has picked up, where an agent talks (callflow/first_words.py) ---
WORDS_LEVEL: Final = 256  # mean size of a sample from which on it is speech, as AMD takes it
WORDS_PAUSE: Final = 0.7  # of silence ends a stretch of speech
WORD_LEAST: Final = 0.2  # a shorter one is a click, and no word
GREETING_WITHIN: Final = 3.0  # after the answer a machine has begun to speak …
GREETING_SPEECH: Final = 4.0  # … and no person says so much at once
WORDS_HEARD: Final = 8.0  # after the answer speech is listened for; from then on any sound at all
SILENT_TALK: Final = 8.0  # a talk as long as this, without a sound of theirs, was with nobody

# --- the ways out (dialplans/rotas.yaml, reader/trunk_file.py, pbx/out_trunks.py) ---
TRUNKS_MAX: Final = 20
TRUNK_STARTS: Final = 200  # beginnings of numbers that one of them may dial
TRUNK_CHANNELS_MAX: Final = 10_000
TRUNK_PER_SECOND_MAX: Final = 1_000
TRUNK_LOOK_EVERY: Final = 15.0  # at what they carry
TRUNK_MONTH_MAX: Final = 500_000  # nobody may set Anatel's limit higher

# --- notices: calls that speak by themselves (dialer/notice.py, callflow/notice.py) ---
NOTICE_TIMES_UNASKED: Final = 2  # the text is said; after silence once more
NOTICE_ASKED_AGAIN: Final = 3  # times that a key has it said again
NOTICE_WRONG_KEYS: Final = 3  # keys that mean nothing are told so as often; then goodbye
NOTICE_PRIORITY_ABOVE: Final = 10  # who was called and asks for a person, over who calls 156
NOTICE_WRITE_WAIT: Final = (
    2.5  # seconds: an answer is durable by then, or it is said that it is not
)
NOTICE_VALUES: Final = 200  # different values of a field that are recorded before any call
NOTICE_VALUE_SHARED: Final = 5  # contacts of whom the same is said: what fewer share is theirs
NOTICE_CHARACTERS: Final = 400  # of a whole notice, keys and all: 25 s of speech

# --- the dialler's calls (callflow/dialler.py, dial_orders.py, dial_calls.py, dial_pages.py) ---
DIAL_LOOK_EVERY: Final = 15.0  # while attempts are in course the switch is looked at …
DIAL_LOOK_SOON: Final = 3.0  # … and so long after an order of which nobody knows
CALL_TOLD_EARLY: Final = 1.0  # a call found by a look began by whole seconds: up to this too early
DIAL_REACHES: Final = 1.0  # an order is with the switch by then; … soon too if a look misses it
DIAL_STALE: Final = 5.0  # an attempt that was not durable by then is not made: all may be different
DIAL_HANG_UPS: Final = 3  # tries to hang up an attempt …
DIAL_HANG_UP_AGAIN: Final = 0.2  # … so far apart; then the look or the ringing time ends it
DIAL_STORE_AGAIN: Final = 0.5  # what must become durable is written again after this …
DIAL_STORE_AGAIN_MAX: Final = 15.0  # … doubled each time up to this
DIAL_STORE_REST: Final = 5.0  # no agent is booked while attempts cannot be written down
DIAL_PROTOCOL_TRIES: Final = 5  # for a call with an agent: the talk goes on meanwhile
DIAL_PACE: Final = 0.1  # a call that leaves a moment too early waits this long, and again
DIAL_JUDGE_WAIT: Final = 20.0  # after a short talk the agent may say what it was …
DIAL_AGENT_SETTLES: Final = 1.2  # the way to a phone holds its place at the gate for a second
DIAL_JUDGE_TALK: Final = 60.0  # … one as long as this was with a person
DIAL_LISTS_EVERY: Final = 15.0  # who is not to be called is read anew
DIAL_STRAY: Final = 180.0  # an attempt of nobody's that is older than this, and not seen, is over
DIAL_PAGE: Final = 200  # contacts read at once …
DIAL_AT_HAND: Final = 200  # … while fewer than this wait for their turn
DIAL_HELD_MOST: Final = 5_000  # contacts of one campaign in memory
DIAL_FAR: Final = 600.0  # whoever may not be called for so long is left in the store
DIAL_LEAVES: Final = 2.0  # a process that stops waits this long for what is being written
DIAL_READ_AGAIN: Final = 10.0  # after a list was read to its end, at the soonest

# --- mass alerts (central156/alerts.py) ---
ALERT_ATTEMPTS: Final = 5
ALERT_AGAIN: Final = 120.0  # seconds until somebody who did not answer is tried again
ALERT_RING: Final = 15.0  # seconds that a phone rings in the mean: for the expected end alone
ALERT_LIST_BYTES: Final = 1024 * 1024  # of a list that comes with a request; greater: by command

# --- who is owed a call, called by a campaign (central156/campaign_tasks.py) ---
OWED_LOOK_EVERY: Final = 10.0  # open tasks are compared with the contacts of their numbers
OWED_LOOK_SOON: Final = 1.0  # after a new task, or a campaign that moved
OWED_AT_ONCE: Final = 20_000  # tasks that are looked at, the soonest due first

# --- protocol numbers as texts (central156/sms_after_calls.py) ---
SMS_AFTER_CALL: Final = 60.0  # a call's number goes so long after it: a mark may still come
SMS_AGREE_WAIT: Final = 300.0  # after a call's end an agent may say that the citizen agreed
SMS_AFTER_KEPT: Final = 2_000  # calls that are kept in mind for that
SMS_AFTER_TRIES: Final = 6  # while the store does not answer …
SMS_AFTER_AGAIN: Final = 10.0  # … so far apart
SMS_FIGURES_EVERY: Final = 30.0  # /metrics tells of messages as they were so long ago, at most
