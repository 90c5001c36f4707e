"""What is checked of an edit before it is queued: refused, or warned of and left to the plan.

What no account could take is refused, and so is what the snapshot shows to be senseless. A card
that the snapshot does not have may be newer than it, so that is a warning.
"""

import math
from collections.abc import Iterator

from linkgraph.edit import Edit, Verb, check
from linkgraph.edits.changes import WITH_MAIN, carries, in_words
from linkgraph.edits.entries import Entry, pair_of
from linkgraph.edits.known import Known, takes_company
from linkgraph.edits.meeting import Meeting
from linkgraph.errors import InvalidEdit, InvalidRef, UsageError
from linkgraph.model import MAX_ID, EntityType, Metadata, Ref, Relation

_NOTHING = Metadata()


def problem(entry: Entry) -> UsageError | None:
    """Why an edit can be queued in no account; None where it can."""
    edit, told = entry.edit, entry.edit.metadata
    try:
        for ref in (edit.a, edit.b):
            _check_ref(ref)
        check(edit)
    except UsageError as error:
        return error
    relation = Relation.between(edit.a.type, edit.b.type)
    is_element = EntityType.ELEMENT in (edit.a.type, edit.b.type)
    if told.is_main is not None and relation not in WITH_MAIN:
        return InvalidEdit(
            f"«{edit}»: only a contact of a lead or a customer is the main one or not",
            hint="leave main out",
        )
    if not is_element and (told.quantity is not None or told.price_id is not None):
        return InvalidEdit(
            f"«{edit}»: only links of catalog elements carry a quantity or a price",
            hint="leave quantity and price out",
        )
    if told.quantity is not None and not (math.isfinite(told.quantity) and told.quantity > 0):
        return InvalidEdit(
            f"«{edit}»: a quantity of {told.quantity:g} cannot be",
            hint=f"give more than 0, or unlink it: unlink {edit.a} {edit.b}",
        )
    if told.price_id is not None and not 0 <= told.price_id <= MAX_ID:
        return InvalidEdit(
            f"«{edit}»: no field has such an id", hint="price is a price field's id, or none"
        )
    if entry.updated_by is not None and not 0 < entry.updated_by <= MAX_ID:
        return InvalidEdit(
            f"«{edit}»: no user has the id {entry.updated_by}", hint="see: linkgraph sql users"
        )
    return None


def refusal(entry: Entry, known: Known, meeting: Meeting) -> UsageError | None:
    """Why an edit can not be queued here, by what the snapshot and the queue say; else None."""
    edit = entry.edit
    for ref in (edit.a, edit.b):
        card = known.cards.get(ref)
        # What is left of a deleted card at others may be taken away: `dangling-links` proposes it.
        if card is not None and card.is_deleted and edit.verb is not Verb.UNLINK:
            return InvalidRef(
                f"{known.called(ref)} is deleted in the CRM", hint="restore it there first"
            )
    if edit.verb is Verb.MAIN:
        pair = owner, contact = pair_of(edit.a, edit.b)
        queued, base = meeting.links(pair), known.base_of(edit)
        if not queued and base is not None and base.link is None:
            return InvalidEdit(
                f"{known.called(contact)} is not linked to {known.called(owner)}, "
                "so it cannot be the main contact",
                hint=f"linkgraph link {owner} {contact} --main",
            )
    return None


def warnings(entry: Entry, known: Known, meeting: Meeting) -> Iterator[str]:
    """What a person should know of an edit that is about to be queued."""
    edit = entry.edit
    if known.snapshot is None:
        return
    for ref in (edit.a, edit.b):
        if ref not in known.cards:
            yield f"{ref} is not in snapshot {known.snapshot}; the plan will see"
    if edit.verb is Verb.MOVE:
        return
    pair = pair_of(edit.a, edit.b)
    base = known.base_of(edit)
    if base is not None and meeting.links(pair) is None:
        yield from _idle(edit, base.link, known)
    if edit.verb is Verb.LINK and (base is None or base.link is None):
        yield from _places(edit, known, meeting)


def _idle(edit: Edit, link: Metadata | None, known: Known) -> Iterator[str]:
    between = f"{known.called(edit.a)} and {known.called(edit.b)}"
    if edit.verb is Verb.UNLINK and link is None:
        yield f"{between} are not linked in snapshot {known.snapshot}; the plan drops it if so"
    wanted = Metadata(is_main=True) if edit.verb is Verb.MAIN else edit.metadata
    if edit.verb is not Verb.UNLINK and link is not None and carries(link, wanted):
        yield (
            f"{between} are {in_words(link)} already in snapshot {known.snapshot}; "
            "the plan drops it if so"
        )


def _places(edit: Edit, known: Known, meeting: Meeting) -> Iterator[str]:
    owner, other = pair_of(edit.a, edit.b)
    if takes_company(edit):
        for company in known.companies.get(owner, ()):
            if company != other and meeting.links((owner, company)) is None:
                yield (
                    f"{known.called(owner)} has {known.called(company)}: a {owner.type} has one "
                    "company, so that one will be unlinked in the same plan"
                )
    held = [one for one in known.bound.get(other, ()) if one != owner]
    if held:
        yield (
            f"{known.called(other)} may be linked to one card only, and "
            f"{known.called(held[0])} has it"
        )


def _check_ref(ref: Ref) -> None:
    is_element = ref.type is EntityType.ELEMENT
    if not (0 < ref.id <= MAX_ID and 0 <= ref.catalog_id <= (MAX_ID if is_element else 0)):
        raise InvalidRef(f"no card is called «{ref}»", hint="write it as lead:123")
    if is_element and ref.catalog_id == 0:
        raise InvalidRef(
            f"{ref}: the catalog of this element is not known",
            hint="an element is known by catalog and id together: element:CATALOG/ID",
        )
