"""Messages on their way to people: at least once, with one key however often, by whoever holds the lease.

`Notifier` is the door of what runs, `standing` says how it stands, `trials` tests the channels, `send_again`
gives a dead message another day. apprise is imported with the first channel that needs it, not before.
"""

from engine.delivery.notifier import Notifier, standing
from engine.delivery.outbox import send_again
from engine.delivery.trial import Trial, trials

__all__ = ["Notifier", "Trial", "send_again", "standing", "trials"]
