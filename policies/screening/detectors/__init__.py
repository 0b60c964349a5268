"""Detectors: each takes the original text and its fold, and gives hits.

They find what no list of words can hold: numbers of persons, accounts and phones,
addresses, links that sell, health said of somebody, calls to vote. Each looks first
for a sign that has to be there, so a text without it costs next to nothing.
"""

from typing import Final

from policies.screening.detectors.contacts import detect_addresses, detect_emails
from policies.screening.detectors.health import detect_health, detect_protected
from policies.screening.detectors.links import detect_advertising
from policies.screening.detectors.making import Detector
from policies.screening.detectors.numbers import detect_numbers
from policies.screening.detectors.politics import detect_politics

DETECTORS: Final[tuple[Detector, ...]] = (
    detect_numbers,
    detect_emails,
    detect_addresses,
    detect_health,
    detect_protected,
    detect_advertising,
    detect_politics,
)

__all__ = ["DETECTORS", "Detector"]
