"""Editing where one is: every action queues edits in one call, says so, and can be taken back.

Nothing is sent from here. Actions are carried out one after the other in the order of their keys,
so that what is taken back is what was queued last, also while that is still being queued.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linkgraph.edit import MAIN_ENDS, Edit, Verb
from linkgraph.errors import LinkgraphError, UsageError
from linkgraph.model import EntityType, Metadata, Ref, linkable
from linkgraph.plaintext import plain
from linkgraph.wording.editwords import in_words
from linkgraph.wording.mirrored import card_lines
from linkgraph.wording.numbers import counted
from tui.edithints import in_browser
from tui.quantity import Carried, QuantityScreen
from tui.search import SearchScreen
from tui.shown import PLURALS, name_of

if TYPE_CHECKING:
    from linkgraph.edits.queueing import Queued
    from linkgraph.session import Session
    from queries.cardlines import CardLine
    from queries.running import Stop
    from tui.app import LinkgraphApp

#: Edits, and reasons, that a toast names; the rest is counted.
_NAMED = 3
#: Queueings that can be taken back one after the other.
_KEPT = 200
_ELEMENT = EntityType.ELEMENT


@dataclass(frozen=True, slots=True)
class Step:
    """A queueing that can be taken back."""

    queued: Queued
    words: str
    """What it was, in a line."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of edits that were to be queued."""

    edits: Sequence[Edit]
    queued: Queued
    refused: Mapping[int, UsageError]
    lines: Mapping[Ref, CardLine]


class Editing:
    """What all screens queue edits through."""

    def __init__(self, app: LinkgraphApp) -> None:
        self._app = app
        self._done: deque[Step] = deque(maxlen=_KEPT)
        self._back: list[Step] = []
        self._waiting: deque[tuple[Callable[[Session], Any], Callable[[Any], object]]] = deque()
        self._is_busy = False

    # Actions

    def link_to(self, cards: Sequence[Ref]) -> None:
        """Link cards to one that is searched for, among those that all of them may be linked to."""
        if not cards or self._is_refused():
            return
        types = {card.type for card in cards}
        kinds = [kind for kind in EntityType if all(linkable(kind, one) for one in types)]
        if not kinds:
            named = ", ".join(PLURALS[kind] for kind in EntityType if kind in types)
            self._app.say(f"no card can be linked to all of these: {named}", severity="warning")
            return

        def chosen(to: Ref | None) -> None:
            if to is None:
                return
            if _ELEMENT in (to.type, *types):
                words, about = _how_many([to], cards)
                self._ask_quantity(
                    f"{words}?",
                    about,
                    Carried(1),
                    lambda carried: self._link([(card, to) for card in cards], carried),
                )
            else:
                self._link([(card, to) for card in cards], Carried())

        title = "Link {} to …" if len(cards) == 1 else f"Link {len(cards):,} cards to …"
        about = cards[0] if len(cards) == 1 else None
        self._app.push_screen(SearchScreen(kinds, title, cards, about), chosen)

    def unlink(self, pairs: Sequence[tuple[Ref, Ref]]) -> None:
        """Take links away."""
        if pairs and not self._is_refused():
            self._queue([Edit(Verb.UNLINK, a, b) for a, b in pairs])

    def make_main(self, owner: Ref, contact: Ref) -> None:
        """Make a contact the main one of a lead or a customer that it is linked to."""
        if self._is_refused():
            return
        if {owner.type, contact.type} not in MAIN_ENDS:
            self._app.say("only a lead or a customer has a main contact", severity="warning")
            return
        self._queue([Edit(Verb.MAIN, owner, contact)])

    def quantity(self, pairs: Sequence[tuple[Ref, Ref]]) -> None:
        """Ask how many of catalog elements are linked, and at which price."""
        own = [pair for pair in pairs if _ELEMENT in (pair[0].type, pair[1].type)]
        if not own:
            said = "only links of catalog elements carry a quantity"
            self._app.say(said, severity="warning")
            return
        if self._is_refused():
            return
        if len(own) > 1:
            title = f"How many, and at which price? {len(own):,} links"
            self._ask_quantity(title, (), None, lambda carried: self._carry(own, carried))
            return
        a, b = own[0]
        words, about = _how_many([a], [b])

        def ask(now: Carried) -> None:
            def changed(carried: Carried) -> None:
                quantity = None if carried.quantity == now.quantity else carried.quantity
                price = None if carried.price_id == (now.price_id or 0) else carried.price_id
                self._carry(own, Carried(quantity, price))

            self._ask_quantity(f"{words}, and at which price?", about, now, changed)

        self._do(lambda session: _carried_now(session, a, b), ask)

    def move(self, from_: Ref) -> None:
        """Move all links of a card to another of its type, which is searched for."""
        if self._is_refused():
            return

        def chosen(to: Ref | None) -> None:
            if to is not None:
                self._queue([Edit(Verb.MOVE, from_, to)])

        title = "Move all links of {} to …"
        self._app.push_screen(SearchScreen([from_.type], title, [from_], from_), chosen)

    # There and back

    def remember(self, queued: Queued, words: str) -> None:
        """Let what was queued elsewhere in the browser be taken back; `words` say what it was."""
        if queued.new or queued.replaced:
            self._done.append(Step(queued, words))
            self._back.clear()

    def take_back(self) -> None:
        """Take back what was queued last; again, and what was queued before that."""

        def take(session: Session) -> tuple[Step, Queued] | None:
            if not self._done:
                return None
            step = self._done.pop()  # one that cannot be taken back does not bar the way
            return step, session.edits.take_back(step.queued)

        def taken(told: tuple[Step, Queued] | None) -> None:
            if told is None:
                self._app.say(
                    "nothing was queued here that could be taken back\n"
                    "→ in Edits (4) z takes a push back, and d drops what waits; "
                    "what was queued elsewhere: linkgraph edits drop --last"
                )
                return
            step, back = told
            self._back.append(step)
            again = [f"waits again: {_named([str(one.edit) for one in back.edits], 'edit')}"]
            words = [f"taken back: {step.words}", *again[: len(back.edits)]]
            self._app.say("\n".join([*words, "→ U queues it again"]))
            self._app.queue_changed.publish(None)

        self._do(take, taken)

    def queue_again(self) -> None:
        """Queue again what was taken back last."""

        def queue(session: Session) -> Step | None:
            if not self._back:
                return None
            step = self._back.pop()
            session.edits.queue_again(step.queued)
            return step

        def queued(step: Step | None) -> None:
            if step is None:
                self._app.say("nothing was taken back that could be queued again")
                return
            self._done.append(step)
            self._app.say(f"queued again: {step.words}\n→ u takes it back")
            self._app.queue_changed.publish(None)

        self._do(queue, queued)

    # Within

    def _link(self, pairs: Sequence[tuple[Ref, Ref]], carried: Carried) -> None:
        """Link pairs; a quantity is said where there is an element."""
        said = Metadata(None, carried.quantity, carried.price_id)
        self._queue(
            [
                Edit(Verb.LINK, a, b, said if _ELEMENT in (a.type, b.type) else Metadata())
                for a, b in pairs
            ]
        )

    def _carry(self, pairs: Sequence[tuple[Ref, Ref]], carried: Carried) -> None:
        if carried == Carried():
            self._app.say("nothing is changed")
        else:
            self._link(pairs, carried)

    def _ask_quantity(
        self,
        title: str,
        about: Sequence[Ref],
        now: Carried | None,
        then: Callable[[Carried], object],
    ) -> None:
        def answered(carried: Carried | None) -> None:
            if carried is not None:
                then(carried)

        self._app.push_screen(QuantityScreen(title, about, now), answered)

    def _is_refused(self) -> bool:
        """Whether nothing may be queued here, which is told."""
        app = self._app
        if app.session is None:
            app.say("there is no account yet", severity="warning")
            return True
        if app.session.read_only:
            app.say("this account is read-only: nothing is queued", severity="warning")
            return True
        return False

    def _queue(self, edits: Sequence[Edit]) -> None:
        """Queue edits, each by itself: what cannot be keeps nothing else out."""

        def queue(session: Session) -> _Outcome:
            from linkgraph.edits.entries import Entry, Origin, Source

            origin = Origin(Source.BROWSER)
            queued, refused = session.edits.add_groups([Entry(edit, origin)] for edit in edits)
            told = [one.edit for one in (*queued.edits, *queued.replaced)[: 2 * _NAMED]]
            told += [edits[place] for place in list(refused)[:_NAMED]]
            lines = card_lines(session, {ref for edit in told for ref in (edit.a, edit.b)})
            return _Outcome(edits, queued, refused, lines)

        self._do(queue, self._queued)

    def _queued(self, outcome: _Outcome) -> None:
        queued, lines = outcome.queued, outcome.lines
        new = [one for one in queued.edits if one.id in queued.new]
        words = _named([_in_words(one.edit, lines) for one in new], "edit")
        said = [f"queued: {words}"] if new else []
        if not new and queued.edits:
            said.append("in the queue already: " + _in_words(queued.edits[0].edit, lines))
        if queued.cancelled:
            said.append("nothing is left to do: it and what was queued cancel each other out")
        said += [
            f"#{one.id} is {one.reason}: {_in_words(one.edit, lines)}"
            for one in queued.replaced[:_NAMED]
            if one.id not in queued.new
        ]
        said += [f"mind: {warning}" for warning in queued.warnings[:_NAMED]]
        said += [
            f"not queued: {_in_words(outcome.edits[place], lines)}: {_told(error)}"
            for place, error in list(outcome.refused.items())[:_NAMED]
        ]
        if len(outcome.refused) > _NAMED:
            said.append(f"… and {len(outcome.refused) - _NAMED:,} more are not")
        if queued.new or queued.replaced:
            self.remember(queued, words or "what cancelled an edit")
            said.append("→ u takes it back; nothing is sent before you push")
        severity = "warning" if outcome.refused or queued.warnings else "information"
        if not queued.edits and outcome.refused:
            severity = "error"
        self._app.say("\n".join(said), severity=severity, timeout=6 + 2 * len(said))
        self._app.queue_changed.publish(None)

    def _do(self, call: Callable[[Session], Any], then: Callable[[Any], object]) -> None:
        """Carry out a call in its turn, and go on with what came of it."""
        if self._app.session is None:
            self._app.say("there is no account yet", severity="warning")
            return
        self._waiting.append((call, then))
        if not self._is_busy:
            self._next()

    def _next(self) -> None:
        if not self._waiting:
            self._is_busy = False
            return
        self._is_busy = True
        call, then = self._waiting.popleft()

        def carry_out(session: Session, stop: Stop) -> Any:
            try:
                return call(session)
            except Exception as error:
                return error  # whatever it is, the next one has its turn

        def carried_out(answer: Any) -> None:
            try:
                if isinstance(answer, LinkgraphError):
                    self._app.fail(in_browser(answer))
                elif isinstance(answer, Exception):
                    self._app.broke(answer)
                else:
                    then(answer)
            finally:
                self._next_turn()

        self._app.ask("editing", carry_out, carried_out)

    def _next_turn(self) -> None:
        self._app.call_later(self._next)  # this lane's call has to be at its end first


def _carried_now(session: Session, a: Ref, b: Ref) -> Carried:
    """What a link carries, or is to carry by what is queued."""
    pending = session.edits.pending(a).get(b)
    if pending is not None and pending.kind != "removed":
        return Carried(pending.metadata.quantity, pending.metadata.price_id)
    links = session.links(a)
    place = links.place_of(b)
    return Carried() if place is None else Carried(links[place].quantity, links[place].price_id)


def _how_many(some: Sequence[Ref], others: Sequence[Ref]) -> tuple[str, Sequence[Ref]]:
    """The question how many elements are linked, and the cards whose names stand for its `{}`.

    The elements are all on one side; of one card its name is told, of more how many they are.
    """
    elements = [ref for ref in (*some, *others) if ref.type is _ELEMENT]
    cards = others if some[0] in elements else some
    about = [ends[0] for ends in (elements, cards) if len(ends) == 1]
    what = "{}" if len(elements) == 1 else f"of each of {len(elements):,} elements"
    where = "{}" if len(cards) == 1 else f"each of {len(cards):,} cards"
    return f"How many {what} for {where}", about


def _in_words(edit: Edit, lines: Mapping[Ref, CardLine]) -> str:
    """An edit as it is told in a toast: of elements how many for what, all else by its verb."""
    a, b, carried = edit.a, edit.b, edit.metadata
    said = carried.quantity is not None or carried.price_id is not None
    if edit.verb is not Verb.LINK or not said or _ELEMENT not in (a.type, b.type):
        return in_words(edit, lines)
    element, card = (a, b) if a.type is _ELEMENT else (b, a)
    words = f"{_name(element, lines)} for {_name(card, lines)}"
    if carried.quantity is not None:
        words = f"{carried.quantity:.15g} × {words}"
    if carried.price_id is None:
        return words
    return f"{words}, {f'price {carried.price_id}' if carried.price_id else 'no price'}"


def _name(ref: Ref, lines: Mapping[Ref, CardLine]) -> str:
    return plain(name_of(ref, lines.get(ref)), 60)


def _named(texts: Sequence[str], word: str) -> str:
    """The first of some texts, and how many more there are."""
    if len(texts) == 1:
        return texts[0]
    more = [f"… and {len(texts) - _NAMED:,} more"] if len(texts) > _NAMED else []
    return "\n".join([counted(len(texts), word), *texts[:_NAMED], *more]) if texts else ""


def _told(error: UsageError) -> str:
    return plain(f"{error.message} → {error.hint}" if error.hint else error.message, 300)
