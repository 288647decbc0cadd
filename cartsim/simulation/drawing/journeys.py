"""The journeys of a block, put together from what was drawn for patients, lots and plants."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from cartsim.compiled import compiled, fixed
from cartsim.demand.arrivals import Arrivals
from cartsim.demand.launch import launched_at
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.manufacturing import Bank, Route, Step
from cartsim.scenario.model import Product, Scenario
from cartsim.simulation.drawing.attempts import Layer, layers
from cartsim.simulation.drawing.clocks import MINUTES_PER_MONTH, clocks
from cartsim.simulation.drawing.places import capacities, openings
from cartsim.simulation.drawing.room import Room
from cartsim.simulation.drawing.some import Some
from cartsim.simulation.drawing.supplies import disruptions, supplies, whole
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import NO_MARKET, SUCCESS, Codes, Kind, Plan, Policy, RoutePlan
from cartsim.units import NEVER, Floats, Ints, minutes


def draw_journeys(
    scenario: Scenario, plan: Plan, drawn: Drawn, arrivals: Arrivals, room: Room
) -> Journeys:
    """Durations, outcomes, clocks and capacities of a block; shapes are those of ``Journeys``.

    Durations are rounded to minutes once, here.
    """
    rows = len(drawn.replications)
    first, lots_first, of_patient = _rows(arrivals, room.lots)
    replication = np.repeat(np.arange(rows), np.diff(arrivals.first))
    count = int(first[-1])
    route = np.zeros(count, dtype=np.int64)
    market = np.full(count, NO_MARKET, dtype=np.int64)
    order = np.full(count, -1, dtype=np.int64)
    doses = np.ones(count, dtype=np.int64)
    shelf_life = np.zeros(count, dtype=np.int64)
    patience = np.full(count, NEVER, dtype=np.int64)
    clock, bridging = np.zeros(count), np.ones(count)
    risk = np.zeros(count, dtype=np.int8)
    acceptable = np.full(count, NEVER, dtype=np.int64)
    market[of_patient] = arrivals.market
    order[of_patient] = arrivals.order
    route[of_patient] = np.asarray([m.route for m in plan.markets], dtype=np.int64)[arrivals.market]

    parts: list[tuple[Ints, list[Layer]]] = []
    for index, product in enumerate(scenario.products.values()):
        which = np.flatnonzero(arrivals.product == index)
        at = of_patient[which]
        patients = Some(drawn, replication[which], arrivals.ordinal[which])
        of_clock = clocks(product, patients)
        patience[at], clock[at], bridging[at] = (
            of_clock.patience,
            of_clock.clock,
            of_clock.bridging,
        )
        risk[at], acceptable[at] = of_clock.risk, of_clock.acceptable
        several = _doses(product, patients)
        if several is not None:
            doses[at] = several
        planned = next((plan.routes[m.route] for m in plan.markets if m.product == index), None)
        if planned is not None:
            odds = _odds(product, patients, arrivals.market[which], plan)
            parts.append((at, layers(product.route, plan, planned, patients, several, odds)))
    for index, stock in enumerate(plan.stocks):
        bank = scenario.products[stock.product].bank
        assert bank is not None
        number = lots_first[:, index + 1] - lots_first[:, index]
        of_lot = np.repeat(np.arange(rows), number - 1)
        ordinal = np.arange(of_lot.size) - np.repeat(np.cumsum(number - 1) - number + 1, number - 1)
        lots = Some(drawn, of_lot, ordinal)
        at = lots_first[of_lot, index] + 1 + ordinal
        route[at] = stock.route
        doses[at] = np.floor(np.asarray(lots.varying(bank.doses_per_lot)) + 0.5).astype(np.int64)
        shelf_life[at] = np.maximum(minutes(lots.varying(bank.shelf_life)), 1)
        parts.append((at, layers(bank.route, plan, plan.routes[stock.route], lots, None, None)))
        _initial_stock(bank, drawn, lots_first[:, index], stock.route, route, doses, shelf_life)

    attempt_first, duration, outcome = _put_together(plan, count, parts)
    capacity_time, capacity = capacities(scenario, drawn)
    opening_time, opening = openings(scenario, drawn.calendar)
    campaign_time, campaign_stock, campaign_lots = _campaigns(scenario, plan, drawn)
    supply, minimum, quantity, lead = supplies(scenario, drawn, room.orders)
    hazards = [_hazards(scenario.products[r.product], r, drawn) for r in plan.routes]
    reorder = [_reorder(scenario.products[s.product], drawn) for s in plan.stocks]
    disruption_first, disruption_time, disruption_length, disruption_kind = disruptions(
        scenario, drawn
    )
    return Journeys(
        first=first,
        lots_first=lots_first,
        route=route,
        market=market,
        order=order,
        doses=doses,
        shelf_life=shelf_life,
        patience=patience,
        clock=clock,
        bridging=bridging,
        risk=risk,
        acceptable=acceptable,
        attempt_first=attempt_first,
        duration=duration,
        outcome=outcome,
        hazard_before=_columns([h[0] for h in hazards], rows),
        hazard_after=_columns([h[1] for h in hazards], rows),
        hazard_shape=_columns([h[2] for h in hazards], rows),
        hands_on=_hands_on(scenario, plan, drawn),
        interval=_columns(
            [minutes(drawn.value(scenario.products[r.product].dose_interval)) for r in plan.routes],
            rows,
        ).astype(np.int64),
        service=_columns(
            [_service(scenario.products[r.product], drawn) for r in plan.routes], rows
        ).astype(np.int64),
        changeover=_columns(
            [
                minutes(drawn.value(resource.changeover))
                for plant in scenario.plants.values()
                for resource in plant.resources.values()
            ],
            rows,
        ).astype(np.int64),
        capacity_time=capacity_time,
        capacity=capacity,
        opening_time=opening_time,
        opening=opening,
        reorder_point=_columns([r[0] for r in reorder], rows).astype(np.int64),
        order_level=_columns([r[1] for r in reorder], rows).astype(np.int64),
        planned_yield=_columns([r[2] for r in reorder], rows).astype(np.int64),
        stock_opens=_columns(
            [_opens(scenario.products[s.product], drawn) for s in plan.stocks], rows
        ).astype(np.int64),
        campaign_time=campaign_time,
        campaign_stock=campaign_stock,
        campaign_lots=campaign_lots,
        supply=supply,
        minimum=minimum,
        quantity=quantity,
        lead=lead,
        disruption_first=disruption_first,
        disruption_time=disruption_time,
        disruption_length=disruption_length,
        disruption_kind=disruption_kind,
    )


def _rows(arrivals: Arrivals, lots: Ints) -> tuple[Ints, Ints, Ints]:
    """``first``, ``lots_first`` and the row of each patient."""
    patients = np.diff(arrivals.first)
    total = patients + lots.sum(axis=1)
    first = np.concatenate([[0], np.cumsum(total)]).astype(np.int64)
    begins = np.cumsum(np.concatenate([patients[:, None], lots], axis=1), axis=1)
    lots_first = first[:-1, None] + begins
    shift = first[:-1] - arrivals.first[:-1]
    of_patient = np.arange(int(arrivals.first[-1])) + np.repeat(shift, patients)
    return first, lots_first.astype(np.int64), of_patient


def _put_together(
    plan: Plan, count: int, parts: list[tuple[Ints, list[Layer]]]
) -> tuple[Ints, Ints, Codes]:
    """``attempt_first``, ``duration`` and ``outcome`` of all rows, attempts of a row in order."""
    number = np.zeros(count, dtype=np.int64)
    for rows, found in parts:
        for layer in found:
            number[rows[layer.which]] += 1
    attempt_first = np.concatenate([[0], np.cumsum(number)]).astype(np.int64)
    duration = np.empty((int(attempt_first[-1]), plan.steps), dtype=np.int64)
    outcome = np.empty(duration.shape, dtype=np.int8)
    following = attempt_first[:-1].copy()
    for rows, found in parts:
        for layer in found:
            of_layer = fixed(rows, layer.which, layer.duration.T, layer.outcome.T)
            _place(duration, outcome, following, SUCCESS, *of_layer)
    return attempt_first, duration, outcome


@compiled
def _place(
    duration: Ints,
    outcome: Codes,
    following: Ints,
    success: int,
    rows: Ints,
    which: Ints,
    lasting: Ints,
    results: Codes,
) -> None:
    """Write the attempts of a layer (``lasting`` and ``results`` are [S, m]) to the place that
    follows in the row of each, int64[N]."""
    for attempt in range(len(which)):
        row = rows[which[attempt]]
        place = following[row]
        following[row] += 1
        for step in range(lasting.shape[0]):
            takes = lasting[step, attempt]
            duration[place, step] = takes
            outcome[place, step] = success if takes < 0 else results[step, attempt]


def _doses(product: Product, patients: Some) -> Ints | None:
    """Doses that each patient needs, where that may be more than one."""
    if product.bank is None or product.doses_per_patient.constant == 1.0:
        return None
    needed = np.floor(np.asarray(patients.varying(product.doses_per_patient)) + 0.5)
    return np.broadcast_to(np.maximum(needed, 1.0).astype(np.int64), len(patients))


def _odds(product: Product, patients: Some, market: Ints, plan: Plan) -> Floats | None:
    """By which the odds of failing are multiplied for each patient, by market."""
    ratios = {name: m.failure_odds_ratio for name, m in product.markets.items()}
    if all(ratio.constant == 1.0 for ratio in ratios.values()):
        return None
    odds = np.ones(len(patients))
    for index, planned in enumerate(plan.markets):
        if plan.routes[planned.route].product != product.path.rpartition(".")[2]:
            continue
        value = np.broadcast_to(patients.value(ratios[planned.name]), len(patients))
        odds = np.where(market == index, value, odds)
    return odds


def _initial_stock(
    bank: Bank, drawn: Drawn, at: Ints, index: int, route: Ints, doses: Ints, shelf_life: Ints
) -> None:
    route[at], doses[at], shelf_life[at] = index, 0, 1
    if bank.initial is not None:
        doses[at] = whole(drawn, bank.initial.doses)
        shelf_life[at] = np.maximum(minutes(drawn.value(bank.initial.shelf_life)), 1)


def _hazards(product: Product, route: RoutePlan, drawn: Drawn) -> tuple[Floats, Floats, Floats]:
    attrition = product.attrition
    if route.kind == Kind.STOCK_LOT:
        none = np.zeros(len(drawn.replications))
        return none, none, none + 1.0
    return (
        drawn.value(attrition.before_collection) / MINUTES_PER_MONTH,
        drawn.value(attrition.after_collection) / MINUTES_PER_MONTH,
        drawn.value(attrition.shape),
    )


def _service(product: Product, drawn: Drawn) -> Ints:
    if product.balking is None:
        return np.zeros(len(drawn.replications), dtype=np.int64)
    return minutes(drawn.value(product.balking.days_per_lot))


def _reorder(product: Product, drawn: Drawn) -> tuple[Ints, Ints, Ints]:
    bank = product.bank
    assert bank is not None
    planned = whole(drawn, bank.planned_doses_per_lot, least=1)
    if bank.reorder is None:
        return np.zeros_like(planned), np.zeros_like(planned), planned
    level = bank.reorder.order_up_to or bank.reorder.quantity
    assert level is not None
    return whole(drawn, bank.reorder.reorder_point), whole(drawn, level), planned


def _opens(product: Product, drawn: Drawn) -> Ints:
    """The minute from which on a product's lots are made to stock, int64[R]."""
    rows, horizon = len(drawn.replications), drawn.calendar.horizon
    bank = product.bank
    assert bank is not None
    if bank.before_launch is None and product.development is None:
        return np.zeros(rows, dtype=np.int64)
    launches = [launched_at(product, market, drawn)[:, 0] for market in product.markets.values()]
    first = np.minimum.reduce([np.broadcast_to(launch, rows) for launch in launches])
    ahead = 0 if bank.before_launch is None else minutes(drawn.value(bank.before_launch))
    return np.where(first < horizon, np.maximum(first - ahead, 0), horizon)


def _campaigns(scenario: Scenario, plan: Plan, drawn: Drawn) -> tuple[Ints, Ints, Ints]:
    calendar = drawn.calendar
    found: list[tuple[int, int, Ints]] = []
    for index, stock in enumerate(plan.stocks):
        bank = scenario.products[stock.product].bank
        if bank is None or stock.policy != Policy.CAMPAIGN:
            continue
        for campaign in bank.campaigns.values():
            lots = whole(drawn, campaign.lots)
            day = campaign.begin
            while calendar.minute(day) < calendar.horizon:
                if campaign.until is not None and day >= campaign.until:
                    break
                if calendar.minute(day) >= 0:
                    found.append((calendar.minute(day), index, lots))
                if campaign.every_days is None:
                    break
                day += timedelta(days=max(campaign.every_days, 1))
    found.sort(key=lambda entry: entry[:2])
    time = np.asarray([minute for minute, _, _ in found], dtype=np.int64)
    of_stock = np.asarray([stock for _, stock, _ in found], dtype=np.int64)
    return (
        time,
        of_stock,
        _columns([lots for _, _, lots in found], len(drawn.replications)).astype(np.int64),
    )


def _hands_on(scenario: Scenario, plan: Plan, drawn: Drawn) -> Ints:
    table = np.full((len(drawn.replications), len(plan.routes), plan.steps), -1, dtype=np.int64)
    for index, planned in enumerate(plan.routes):
        product = scenario.products[planned.product]
        route: Route = product.route
        if planned.kind == Kind.STOCK_LOT:
            assert product.bank is not None
            route = product.bank.route
        for position, step in enumerate(planned.steps):
            own = step.resource and planned.place(position) == position and step.gives_back
            if own and step.name in route.steps:
                held = _held(route.steps[step.name], drawn)
                if held is not None:
                    table[:, index, position] = held
    return table


def _held(step: Step, drawn: Drawn) -> Ints | None:
    """Minutes for which a step holds its place, where that is not as long as it lasts."""
    if step.hands_on is not None:
        return minutes(drawn.value(step.hands_on))
    if not step.tests:
        return None
    return minutes(np.sum([drawn.value(test.hands_on) for test in step.tests.values()], axis=0))


def _columns(values: list[Ints] | list[Floats], rows: int) -> Floats:
    if not values:
        return np.zeros((rows, 0))
    return np.stack([np.asarray(value, dtype=np.float64) for value in values], axis=1)
