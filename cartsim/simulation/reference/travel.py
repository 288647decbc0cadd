"""What happens to a journey: it is ready, starts, ends, goes on, fails, is tried again, or leaves.

The numbers in comments are those of the rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from cartsim.simulation import rules
from cartsim.simulation.plan import (
    NO_RETRY,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    FailurePlan,
    Kind,
)
from cartsim.simulation.reference.calendar import Calendar
from cartsim.simulation.reference.facts import Facts
from cartsim.simulation.reference.journey import NOTHING, Journey
from cartsim.simulation.reference.lines import Lines
from cartsim.simulation.reference.places import Resource
from cartsim.simulation.reference.stock import Stock
from cartsim.simulation.timelines import (
    DISRUPTED,
    IN_PROCESS,
    IN_STOCK,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    WENT_ELSEWHERE,
)
from cartsim.units import NEVER


class Travel:
    """The journeys of a replication on their ways; ``duration`` and ``outcome`` are by attempt and
    step.
    """

    def __init__(
        self,
        calendar: Calendar,
        stocks: Sequence[Stock],
        duration: list[list[int]],
        outcome: list[list[int]],
        facts: Facts,
    ) -> None:
        self.calendar = calendar
        self.stocks = stocks
        self.duration = duration
        self.outcome = outcome
        self.facts = facts
        self.lines = Lines()

    # Orders and clocks.

    def order_arrives(self, patient: Journey) -> None:
        self.calendar.at(patient.leaves, self.clock_runs_out, patient)
        self.becomes_ready(patient, step=0)

    def goes_elsewhere(self, patient: Journey) -> None:
        self.is_final(patient, WENT_ELSEWHERE)

    def clock_runs_out(self, patient: Journey) -> None:
        # A clock that was changed meanwhile (rule 10) has an entry of its own in the calendar.
        if patient.state == IN_PROCESS and patient.leaves == self.calendar.now:
            self.leaves(patient)

    def leaves(self, patient: Journey) -> None:
        """Out of the queue and without places at once, unless a step is in progress (rule 4)."""
        self.is_final(patient, LOST_WAITING)
        self.lines.leave(patient)
        if not patient.in_progress:
            self.gives_back_all(patient)

    def is_final(self, journey: Journey, state: int) -> None:
        journey.state = state
        journey.left = self.calendar.now

    # Ready, and the start.

    def becomes_ready(self, journey: Journey, step: int) -> None:
        now = self.calendar.now
        journey.step = step
        self.facts.ready[self.attempt(journey)][step] = now
        if journey.leaves == now:
            self.leaves(journey)  # the clock of an order was not looked at yet (rules 3 and 7)
            return
        ask = journey.asks()
        if ask == NOTHING:
            self.starts(journey)
        else:
            self.lines.join(journey, ask, now)

    def takes_place(self, journey: Journey, resource: Resource) -> None:
        """To be held until a step gives it back, or for the hands-on minutes (rule 13)."""
        resource.is_taken()
        hands_on = journey.way.hands_on[journey.step]
        if hands_on < 0:
            journey.holds[journey.place] = resource
        else:
            journey.works_on = resource
            cell = (self.attempt(journey), journey.step)
            over = self.calendar.now + hands_on
            self.calendar.at(over, self.hands_on_time_is_over, journey, cell, resource)

    def chooses(self, journey: Journey, plant: int) -> None:
        journey.chosen = plant
        self.facts.chosen[self.attempt(journey)] = plant

    def takes_dose(self, patient: Journey) -> None:
        lot = self.stocks[patient.route.stock].dose_is_taken()
        self.facts.source[self.attempt(patient)] = lot.row
        if lot.released_at != rules.NOWHERE:
            self.is_released_under_exception(patient)  # (9)

    def starts(self, journey: Journey) -> None:
        now, step, route = self.calendar.now, journey.step, journey.route
        cell = (self.attempt(journey), step)
        self.facts.start[cell[0]][step] = now
        journey.in_progress = True
        journey.started = now
        journey.works_on = journey.works_on or journey.holds.get(journey.place)
        journey.ends = now + self.duration[cell[0]][step]
        self.calendar.at(journey.ends, self.step_ends, journey, cell)
        if step == route.collection and not journey.collected:
            self.clock_changes(journey)
        if step == route.infusion:
            self.is_infused(journey)

    def clock_changes(self, journey: Journey) -> None:
        """At the first start of the collection (rule 10); only patients have a clock."""
        journey.collected = True
        if journey.is_lot:
            return
        way, now = journey.way, self.calendar.now
        journey.leaves = rules.leaves_after_collection(
            journey.order,
            now,
            journey.clock,
            way.hazard_before,
            way.hazard_after,
            way.hazard_shape,
            journey.bridging,
        )
        if journey.leaves == now:
            self.leaves(journey)
        else:
            self.calendar.at(journey.leaves, self.clock_runs_out, journey)

    def is_infused(self, patient: Journey) -> None:
        """With the first dose the state is final (rule 11)."""
        if patient.state == IN_PROCESS:
            within = patient.released_at == rules.NOWHERE
            self.is_final(patient, INFUSED if within else INFUSED_OUT_OF_SPECIFICATION)
            patient.leaves = NEVER

    # The end of a step, and what follows.

    def step_ends(self, journey: Journey, cell: tuple[int, int]) -> None:
        # A step that was put off or ended by a disruption (rule 16) does not end at its first end.
        if self.is_at(journey, cell) and journey.ends == self.calendar.now:
            self.ends(journey, self.outcome[cell[0]][cell[1]])

    def is_disrupted(self, journey: Journey) -> None:
        """The step in progress ends now (rule 16)."""
        self.ends(journey, DISRUPTED)

    def is_delayed(self, journey: Journey, minutes: int) -> None:
        journey.ends += minutes
        cell = (self.attempt(journey), journey.step)
        self.calendar.at(journey.ends, self.step_ends, journey, cell)

    def hands_on_time_is_over(
        self, journey: Journey, cell: tuple[int, int], resource: Resource
    ) -> None:
        resource.is_given_back()
        if self.is_at(journey, cell):
            journey.works_on = None

    def ends(self, journey: Journey, outcome: int) -> None:
        now, attempt, step = self.calendar.now, self.attempt(journey), journey.step
        self.facts.end[attempt][step] = now
        self.facts.result[attempt][step] = rules.result(outcome, journey.state, journey.left, now)
        journey.in_progress = False
        journey.works_on = None

        if step == journey.route.infusion:
            self.gives_back_all(journey)
            self.is_through(journey)  # whatever the outcome (11)
        elif journey.state == LOST_WAITING:
            self.gives_back_all(journey)  # (4, 5)
        elif journey.leaves == now:
            self.leaves(journey)  # the clock was not looked at yet (5, 6)
        elif outcome == DISRUPTED:
            self.fails(journey, cause=0)
        elif rules.kind(outcome) in (SUCCESS, RELEASED_UNDER_EXCEPTION):
            if rules.kind(outcome) == RELEASED_UNDER_EXCEPTION:
                self.is_released_under_exception(journey)
            self.goes_on(journey)
        else:
            self.fails(journey, rules.cause(outcome))

    def goes_on(self, journey: Journey) -> None:
        if journey.plan.gives_back:
            self.gives_back(journey, journey.place)
        if journey.step + 1 < len(journey.route.steps):
            self.becomes_ready(journey, journey.step + 1)
        else:
            self.is_final(journey, IN_STOCK)
            self.stocks[journey.route.stock].lot_is_released(journey)

    def fails(self, journey: Journey, cause: int) -> None:
        """Another attempt, or none (rule 8)."""
        self.gives_back_all(journey)
        failure = _that_follows(journey.plan.failures, cause, journey.attempt_of_dose)
        if failure is not None:
            journey.attempt_of_dose += 1
            journey.released_at = rules.released_at_after_retry(
                journey.released_at, failure.retry_from
            )
            self.begins_again(journey, failure.retry_from)
        elif journey.state == IN_PROCESS:
            self.is_final(journey, LOST_MANUFACTURING)
            if journey.is_lot:
                self.stocks[journey.route.stock].lot_fails()

    def is_through(self, patient: Journey) -> None:
        """To the end of an infusion; the next dose is wanted later (rule 11)."""
        if patient.dose < patient.doses:
            wanted = rules.wants_next_dose(patient.started, self.calendar.now, patient.way.interval)
            self.calendar.at(wanted, self.next_dose_is_wanted, patient)

    def next_dose_is_wanted(self, patient: Journey) -> None:
        patient.dose += 1
        if patient.route.kind == Kind.FROM_STOCK:
            patient.attempt_of_dose = 0  # (8)
        else:
            patient.attempt_of_dose += 1
        patient.released_at = rules.NOWHERE
        self.begins_again(patient, patient.route.next_dose)

    def begins_again(self, journey: Journey, step: int) -> None:
        """A further attempt, at the plant that was chosen before or with a new choice (rule 14)."""
        journey.begins_again(step)
        self.facts.chosen[self.attempt(journey)] = journey.chosen
        self.becomes_ready(journey, step)

    def is_released_under_exception(self, journey: Journey) -> None:
        """The first such step counts (rule 9)."""
        if journey.released_at == rules.NOWHERE:
            journey.released_at = journey.step

    # Places and cells.

    def gives_back_all(self, journey: Journey) -> None:
        for place in list(journey.holds):
            self.gives_back(journey, place)

    def gives_back(self, journey: Journey, place: int) -> None:
        resource = journey.holds.pop(place, None)
        if resource is not None:
            resource.is_given_back()

    def attempt(self, journey: Journey) -> int:
        """Number of the present attempt in the replication."""
        return journey.first_attempt + journey.attempt

    def is_at(self, journey: Journey, cell: tuple[int, int]) -> bool:
        """Whether the step of an attempt is in progress."""
        return journey.in_progress and cell == (self.attempt(journey), journey.step)


def _that_follows(failures: Sequence[FailurePlan], cause: int, attempt: int) -> FailurePlan | None:
    """The failure after which another attempt is made, or ``None``."""
    if cause < len(failures):
        failure = failures[cause]
        if failure.retry_from != NO_RETRY and rules.tries_again(attempt, failure.attempts):
            return failure
    return None
