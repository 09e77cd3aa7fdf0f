"""The reports of the IVR (4.3.1.3): which clause is answered by which report.

What we have of the document names all that the 21 clauses ask for, but gives the number of one
alone: 12, the transfers by agents. The others stand in the order in which they are named there.

    4.3.1.3.1   mean handling time              ura-tempo-medio, ura-duracao        ivr_calls
    4.3.1.3.2   active resources                ura-recursos-ativos                 ivr_resources
    4.3.1.3.3   inactive resources              ura-recursos-inativos               ivr_resources
    4.3.1.3.4   navigation                      ura-navegacao                       ivr_nodes
    4.3.1.3.5   use by hour                     ura-uso-por-hora                    ivr_calls
    4.3.1.3.6   use by day                      ura-uso-por-dia                     ivr_calls
    4.3.1.3.7   use by month                    ura-uso-por-mes                     ivr_calls
    4.3.1.3.8   use by option                   ura-opcoes, ura-servicos-por-hora   ivr_nodes
    4.3.1.3.9   retention                       ura-retencao                        ivr_outcomes
    4.3.1.3.10  no-dial, dropped, completed     ura-desfechos                       ivr_outcomes
    4.3.1.3.11  time-out point                  ura-ponto-de-time-out               ivr_nodes
    4.3.1.3.12  transfers from agents           ura-transferencias, …-por-etapa     ivr_transfers
    4.3.1.3.13  abandonment point               ura-ponto-de-abandono               ivr_nodes
    4.3.1.3.14  abandoned ≤ X s, > X s          ura-abandonos                       ivr_outcomes
    4.3.1.3.15  the same, by node               ura-abandonos-por-etapa             ivr_outcomes
    4.3.1.3.16  failures of the network         ura-falhas-rede                     ivr_network
    4.3.1.3.17  failures of servers             ura-falhas-servidor                 ivr_failures
    4.3.1.3.18  by ANI, the number              ura-por-numero                      ivr_callers
    4.3.1.3.19  by ANI, the area                ura-por-area                        ivr_callers
    4.3.1.3.20  navigation, whole paths         ura-caminhos                        ivr_callers
    4.3.1.3.21  look-ups, by source             ura-consultas                       ivr_failures

A test holds this table against the catalogue (tests/protocol_store/test_reports_ivr.py).
"""

from __future__ import annotations
