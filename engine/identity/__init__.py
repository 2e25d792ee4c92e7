"""Who is meant: identifiers seen together become persons, named outside by an HMAC.

The subject of a row is its strongest usable identifier, and the subject is the person.
"""

from __future__ import annotations

from engine.identity.mask import mask, mask_identifier, mask_name, mask_personal, mask_text
from engine.identity.person import installation_key, person_id

__all__ = [
    "installation_key",
    "mask",
    "mask_identifier",
    "mask_name",
    "mask_personal",
    "mask_text",
    "person_id",
]
