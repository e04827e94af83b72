"""Values of another JSON type than a shape's, and numbers that its type cannot hold.

Knows nothing of what a target makes of them: which are refused is for the checks to say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from conformance.contract import ConstraintSite
from conformance.contract.sites import TEXTUAL, json_type_of, with_article
from conformance.generation.form import as_json
from conformance.generation.minimal import smallest

#: More than any whole number of a fixed size, and, as a power of ten, than any floating-point one.
HUGE: Final = 10**30
IMMENSE: Final = Decimal("1E+400")

# What cannot be read as anything but what it is.
_VALUES: Final[Mapping[str, Any]] = {
    "text": "abc",
    "string": "text",
    "number": 1,
    "boolean": True,
    "array": [["conformance"]],
    "object": {"conformance": {}},
}


def of_another_type(site: ConstraintSite) -> tuple[Any, str]:
    """What to put at a site of the kind ``type``, and what is wrong with it."""
    value = _VALUES[site.variant]
    if site.variant == "text":
        return value, f"the text {value!r} where {with_article(site.shape.type)} is expected"
    return value, _in_place_of(site.variant, site)


def coercible(site: ConstraintSite, valid: Any) -> tuple[Any, str]:
    """What to put at a site of the kind ``coercion``, and what is wrong with it.

    Args:
        valid: the value that stands there.
    """
    shape = site.shape
    if site.variant == "quoted":
        quoted = "true" if shape.type == "boolean" else f"{valid}"
        return quoted, _in_place_of("string", site)
    if site.variant == "fraction":
        halved = valid + (0.5 if shape.maximum is None or valid < shape.maximum else -0.5)
        return _travelling(site, halved), f"{halved} where a whole number is expected"
    if shape.element is not None and site.variant == json_type_of(shape.element.shape):
        # A lenient parser takes a single value for a list of it.
        inner = shape.element.shape
        single = as_json(inner, smallest(inner), shape.element.timestamp_format)
        return single, _in_place_of(site.variant, site)
    return _VALUES[site.variant], _in_place_of(site.variant, site)


def unfit_number(site: ConstraintSite) -> tuple[Any, str]:
    """What to put at a site of the kind ``number-format``, and what is wrong with it."""
    values: dict[str, float | Decimal] = {"huge": HUGE, "exponent": IMMENSE, "NaN": math.nan}
    value = values[site.variant]
    told = {"huge": "10 to the power of 30", "exponent": "1E+400", "NaN": "NaN"}[site.variant]
    return _travelling(site, value), f"{told} where {with_article(site.shape.type)} is expected"


def _travelling(site: ConstraintSite, number: float | Decimal) -> Any:
    if site.location not in TEXTUAL:
        return number
    return "NaN" if math.isnan(number) else str(number)


def _in_place_of(sent: str, site: ConstraintSite) -> str:
    expected = json_type_of(site.shape, site.member.timestamp_format)
    return f"{with_article(sent)} where {with_article(expected)} is expected"
