"""Patients' clocks: when each would leave, and what changes that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.scenario.model import Product
from cartsim.simulation.drawing.some import Some
from cartsim.simulation.plan import Codes
from cartsim.units import DAYS_PER_MONTH, MINUTES_PER_DAY, NEVER, Floats, Ints, minutes

MINUTES_PER_MONTH = DAYS_PER_MONTH * MINUTES_PER_DAY


@dataclass(frozen=True)
class Clocks:
    """By patient, as in ``Journeys``; one number where all have the same."""

    patience: Ints
    clock: Floats
    bridging: Floats | float
    risk: Codes | int
    acceptable: Ints | int


def clocks(product: Product, patients: Some) -> Clocks:
    """The clock of a patient is one unit-exponential draw, over the hazard ratio of the risk class:
    the cumulative hazard at which the patient leaves. Before collection it grows as (hazard x
    months) ** shape.
    """
    attrition = product.attrition
    clock = -np.log1p(-patients.uniform(f"{attrition.path}.clock"))
    risk: Codes | int = 0
    if product.risk_classes:
        risk, ratio = _risk(product, patients)
        with np.errstate(divide="ignore"):
            clock = clock / ratio
    hazard, shape = patients.value(attrition.before_collection), attrition.shape
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # no hazard: no end
        months = clock if shape.constant == 1.0 else clock ** (1.0 / patients.value(shape))
        days = np.where(np.asarray(hazard) > 0, months / hazard * DAYS_PER_MONTH, np.inf)
    bridging: Floats | float = 1.0
    if attrition.bridging is not None:
        bridged = patients.uniform(f"{attrition.path}.bridged")
        share = patients.value(attrition.bridging.share)
        bridging = np.where(bridged < share, patients.value(attrition.bridging.hazard_ratio), 1.0)
    acceptable: Ints | int = NEVER
    if product.balking is not None:
        acceptable = np.broadcast_to(
            minutes(patients.varying(product.balking.acceptable_wait)), len(patients)
        )
    return Clocks(minutes(days), clock, bridging, risk, acceptable)


def _risk(product: Product, patients: Some) -> tuple[Codes, Floats]:
    u = patients.uniform(f"{product.path}.risk_class")
    risk = np.full(len(patients), len(product.risk_classes) - 1, dtype=np.int8)
    bound: Floats | float = 0.0
    decided = np.zeros(len(patients), dtype=np.bool_)
    for index, risk_class in enumerate(product.risk_classes):
        bound = bound + patients.value(risk_class.share)
        here = ~decided & (u < bound)
        risk[here] = index
        decided |= here
    ratio = np.ones(len(patients))
    for index, risk_class in enumerate(product.risk_classes):
        hazard = np.broadcast_to(patients.value(risk_class.hazard_ratio), len(patients))
        ratio = np.where(risk == index, hazard, ratio)
    return risk, ratio
