"""The provider of usage metrics: records from the vocabulary, whose fields fit each other.

The same seed gives the same metrics in every version: metric i depends on (seed, i) alone. Faker takes
the provider as its own (`Faker().add_provider(UsageMetricProvider)`), but no metric waits for Faker's
import, which takes a tenth of the start.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

from mock_server.data import vocabulary
from mock_server.data.draws import Draws
from mock_server.data.records import NEWEST, Record, derive_id
from mock_server.data.vocabulary import Measure
from mock_server.formats.timestamps import format_timestamp

# The aggregation types of consecutive records, in a cycle that begins at a place given by the seed.
# So any 20 consecutive records have all of them.
CYCLE = (
    "COUNT", "SUM", "COUNT", "UNIQUE", "SUM", "COUNT", "CUSTOM", "COUNT", "SUM", "COUNT",
    "UNIQUE", "COUNT", "SUM", "CUSTOM", "COUNT", "SUM", "UNIQUE", "COUNT", "CUSTOM", "SUM",
)  # fmt: skip
_MEASURES: dict[str, tuple[Measure, ...]] = {
    "COUNT": vocabulary.COUNTED,
    "SUM": vocabulary.SUMMED,
    "UNIQUE": vocabulary.UNIQUE,
    "CUSTOM": vocabulary.CUSTOM,
}
# For each place in the cycle, how often its type occurs before it, e.g. 1 for the second COUNT.
_EARLIER_IN_CYCLE = tuple(CYCLE[:i].count(kind) for i, kind in enumerate(CYCLE))
# A prime that divides no number of possible names, so that steps of this size reach each name once.
_STRIDE = 7919
# The time between two consecutive records, before a random part of it is taken off.
_INTERVAL = timedelta(minutes=13)


class UsageMetricProvider:
    """Usage metrics whose fields fit each other, with unique names."""

    def __init__(self, _generator: object = None) -> None:
        """Take what Faker gives each provider; a metric needs nothing of it."""
        self._draws = Draws()

    def usage_metric(self, seed: int, index: int) -> Record:
        """Return the metric at an index of the collection."""
        digest = blake2b(f"{seed}/{index}".encode(), digest_size=24).digest()
        self._draws.seed(int.from_bytes(digest[16:]))
        metric_id = derive_id(f"{seed}/{index}")
        offset = int.from_bytes(blake2b(str(seed).encode(), digest_size=2).digest())
        number = index + offset % len(CYCLE)
        kind = CYCLE[number % len(CYCLE)]
        measure, name = self._measure_and_name(kind, number, offset)
        created = NEWEST - index * _INTERVAL - self._draws.part_of(_INTERVAL)
        metric: Record = {"id": metric_id, "name": name}
        if self._draws.is_chosen(0.8):
            metric["description"] = f"{measure.description}: {name}."
        metric |= self._aggregation(kind, measure)
        metric |= self._grouping(grouped=(number // 2) % 2 == 1)
        if self._draws.is_chosen(0.9):
            metric["unit"] = measure.unit
        metric["createdAt"] = format_timestamp(created)
        if self._draws.is_chosen(0.1):
            lifetime = timedelta(hours=1) + self._draws.part_of(timedelta(days=90))
            metric["deletedAt"] = format_timestamp(created + lifetime)
        metric |= self._property_filters()
        metric["parameters"] = self._parameters(metric_id) if kind == "CUSTOM" else []
        return metric

    def _measure_and_name(self, kind: str, number: int, offset: int) -> tuple[Measure, str]:
        """Return a measure of an aggregation type, and a name that no other record has.

        Each name is a combination of measure, product and region. When all of a type are used up,
        the next round of them gets a number, e.g. `API calls, Maps EU 2`.
        """
        measures = _MEASURES[kind]
        regions, products = vocabulary.REGIONS, vocabulary.PRODUCTS
        cycle, place = divmod(number, len(CYCLE))
        earlier = cycle * CYCLE.count(kind) + _EARLIER_IN_CYCLE[place]
        combinations = len(measures) * len(products) * len(regions)
        round_, step = divmod(earlier, combinations)
        rest, region = divmod((step * _STRIDE + offset) % combinations, len(regions))
        which, product = divmod(rest, len(products))
        suffix = f" {round_ + 1}" if round_ else ""
        measure = measures[which]
        return measure, f"{measure.name}, {products[product]} {regions[region]}{suffix}"

    def _aggregation(self, kind: str, measure: Measure) -> Record:
        result = {"eventType": measure.event_type, "aggregationType": kind}
        if measure.property is not None:
            result["aggregationProperty"] = measure.property
        return result

    def _grouping(self, *, grouped: bool) -> Record:
        if not grouped:
            return {"metricType": "SIMPLE"}
        return {
            "metricType": "GROUPED",
            "groupingProperty": self._draws.pick(vocabulary.DIMENSIONS).property,
        }

    def _property_filters(self) -> Record:
        if not self._draws.is_chosen(0.4):
            return {"propertyFilters": {}} | (
                {"caseSensitive": True} if self._draws.is_chosen(0.3) else {}
            )
        dimension = self._draws.pick(vocabulary.DIMENSIONS)
        values = [value for value in dimension.values if self._draws.is_chosen(0.5)]
        result: Record = {
            "propertyFilters": {dimension.property: values or [dimension.values[0]]},
            "caseSensitive": self._draws.is_chosen(0.7),
        }
        if self._draws.is_chosen(0.3):
            result["propertiesToNegate"] = [dimension.property]
        return result

    def _parameters(self, metric_id: str) -> list[Record]:
        first = int(self._draws.draw() * len(vocabulary.PARAMETERS))
        count = 1 + int(self._draws.draw() * 4)
        chosen = (vocabulary.PARAMETERS * 2)[first : first + count]
        return [
            {
                "id": derive_id(f"{metric_id}/{template.name}"),
                "usageMetricId": metric_id,
                "name": template.name,
                "type": template.type,
                "description": template.description,
                "defaultValue": self._draws.pick(template.defaults),
            }
            for template in chosen
        ]
