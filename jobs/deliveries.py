"""An incoming hook is called: its facts are read, checked whole and stored, before anything is answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

import sources
from domain.deliveries import Counts, DeliveryError, Outcome, Posted, Receipt
from jobs.house import House
from storage import deliveries
from storage.db import StoreError
from storage.sources import SourceRow

log = logging.getLogger("tablo.hooks")


def receive(
    house: House, row: SourceRow, module: sources.ReceiverModule, options: Mapping[str, str], posted: Posted
) -> Receipt:
    """Take a delivery in, whole or not at all. STORED only once it is on the disk."""
    office = house.settings()
    try:
        told = module.read_delivery(options, office.timezone, posted, house.clock())
    except DeliveryError as error:
        return Receipt(error.outcome, str(error), error.faults)
    if not row.enabled:
        return Receipt(Outcome.LATER, "This hook is paused in settings. Send it again later.")
    try:
        done = deliveries.take(house.db, row.id, told, module.gives(options), settings=office, now=house.clock())
    except StoreError as error:
        return Receipt(Outcome.NOWHERE, str(error))
    except SQLAlchemyError:
        log.exception("A delivery to %s could not be stored.", row.name)
        return Receipt(Outcome.LATER, "It could not be stored now. Send it again later.")
    counts = Counts(len(told), done.added, done.removed, done.unchanged, done.ignored)
    return Receipt(Outcome.STORED, counts=counts)
