"""What those who have rights spend themselves, beside what they pay under their contracts."""

from __future__ import annotations

from cartsim.demand.launch import first_launch
from cartsim.demand.months import share_after
from cartsim.economics.activity import Activity
from cartsim.economics.contracts.ledger import US
from cartsim.economics.contracts.sharing import LOT_COSTS
from cartsim.economics.tables import total
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import Floats


def partners_costs(scenario: Scenario, drawn: Drawn, activity: Activity) -> dict[str, Floats]:
    """By party, float64[R, month]: the costs of the lots that it makes for its markets (and of the
    stocks of products all of whose markets are its own), and its selling from the first launch of
    each contract on."""
    shape = (len(drawn.replications), drawn.calendar.months)
    found: dict[str, list[Floats]] = {}
    for contract in scenario.contracts.values():
        covered = [name for name in activity.markets if contract.covers_market(name)]
        for leg in contract.legs:
            party = leg.rights and contract.parties.get(leg.rights.to, leg.rights.to)
            if leg.rights is None or not party or not covered:
                continue
            if US in (party, leg.rights.to) or contract.parties.get(US) == party:
                continue
            spent = found.setdefault(party, [])
            if leg.rights.makes == "them":
                groups = activity.groups_of(covered)
                spent += [activity.of(table, group) for table in LOT_COSTS for group in groups]
            if leg.rights.selling.constant != 0.0:
                yearly = drawn.monthly(leg.rights.selling) * drawn.calendar.month_years
                first = first_launch(scenario, covered, drawn)
                spent.append(yearly * share_after(drawn.calendar, first))
    return {party: total(tables, shape) for party, tables in found.items()}
