"""cartsim: an open simulator of CAR-T commercialization economics."""

__version__ = "0.1.0"
