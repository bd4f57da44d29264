"""The clock's door: what is due goes out."""

from services.publishing.settings import Settings
from services.publishing.use_cases import intake
from shared.runtime import Clock, Transaction, utc_now

clock = Clock()
_MANY = 100


@clock.every(seconds=0.25)
async def lift_due(tx: Transaction, settings: Settings) -> bool:
    """Let out schedules, embargoes, undone undos and what waited long enough for its tags; True: more is due."""
    told = await intake.lift(tx.session, settings, utc_now(), _MANY)
    tx.tell(*told)
    return len(told) == _MANY
