"""Two months of São Paulo's calls, made up fast: what the reports are measured on.

    calls.py    who calls when, on which line, about what, and what the menu makes of it
    people.py   agents' shifts and pauses; who waits, gives up, is answered, and by whom
    rows.py     all that as rows of the store's tables; work_rows.py: what agents did
    bulk.py     those rows into SQLite or PostgreSQL

The model, as far as it is one: arrivals by hour, weekday and a gamma factor of each day, themes by
their shares (bench/simulator/profiles.py: the city's open data); one line of waiting in the order
of joining for 156, one for 199 and 153 together, whoever has been idle longest answers; patience
is exponential, talks are lognormal. Agents come in shifts of six hours, as many as the hour's load
and the square root of it ask for, with their three legal pauses. Nobody is in two talks at once,
and R77 adds up, because the rows are what one simulated run came to. Facts are not made: a report
reads tables, and a million calls' facts would be twenty million rows that none of them looks at.
"""
