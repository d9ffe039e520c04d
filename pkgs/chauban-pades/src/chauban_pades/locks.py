"""Which fields a signature locks (ISO 32000-1 clause 12.8.2.4), decided at reservation.

- A signatory's signature leaves open what the office adds later: number, date, and the
  signatures that follow.
- The only seal locks all, for all text is filled in the very revision that it signs.
- Where the seal's key fills nothing itself (`filled_before`), it locks all signatures and forbids
  any further change (/P 1), which covers the text as well.
- Of several seals, the first locks number and date; the last locks all signatures and forbids
  any further change (/P 1). "All" on the last seal would also lock text filled in an earlier
  revision, and a general validator then calls the seal broken once validation data follow.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pikepdf

from .dictionaries import Dictionary
from .names import TEXT_FIELDS, signature_name, signing_order
from .originals import Original


@dataclass(frozen=True)
class Lock:
    """A FieldMDP lock; permissions is the /P of ISO 32000-2 Table 236."""

    action: str
    fields: tuple[str, ...] = ()
    permissions: int | None = None

    def dictionary(self) -> pikepdf.Dictionary:
        """The /Lock entry of a signature field."""
        lock = pikepdf.Dictionary(
            Type=pikepdf.Name.SigFieldLock, Action=pikepdf.Name("/" + self.action)
        )
        if self.action != "All":
            lock.Fields = pikepdf.Array([pikepdf.String(name) for name in self.fields])
        if self.permissions is not None:
            lock.P = self.permissions
        return lock


def lock_of(field: str, reserved: Iterable[str], *, filled_before: bool = False) -> Lock | None:
    """What the signature in that field locks, given all reserved names; None: nothing.

    `filled_before`: number and date will stand in a revision before the seal's own.
    """
    names = frozenset(reserved)
    text = tuple(name for name in TEXT_FIELDS if name in names)
    order = signing_order(names)
    name = signature_name(field)
    if name is None:
        return None
    if not name.is_seal:
        return Lock("Exclude", (*text, *order[order.index(field) + 1 :]))
    seals = [each for each in order if each.startswith("seal-")]
    if len(seals) == 1 and not filled_before:
        return Lock("All")
    if field == seals[-1]:
        return Lock("Include", tuple(order), permissions=1)
    return Lock("Include", text) if field == seals[0] and text else None


def lock_parameters(original: Original, signature_field: Dictionary) -> bytes | None:
    """/Action and /Fields of a field's lock, as the document writes them; None without a lock."""
    value = signature_field.get(b"/Lock")
    if value is None:
        return None
    lock = original.dictionary(value)
    fields = lock.get(b"/Fields")
    listed = b"" if fields is None else b" /Fields " + original.value(fields)
    return b"/Action " + lock[b"/Action"] + listed
