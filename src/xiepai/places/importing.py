"""Places from files: CSV, XLSX, GeoJSON. A code names the place to change; a row without a known code makes one.

Every bad row is reported with line, column and reason, all of them, before anything is decided; then either nothing
is written or, if the caller chose so, the good rows. Refused besides: files the sheets refuse, places of other
organisations, and publishing by who may not. Writes pass the same checks as the services and leave the same trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.parties.access import Actor
from xiepai.places.loading.plan import Entry, Plan
from xiepai.places.loading.report import ImportReport, RowIssue
from xiepai.places.loading.rows import Known, Reader, Wish
from xiepai.places.loading.writing import write
from xiepai.places.models import Place
from xiepai.places.search_document import labels_of_vocabularies
from xiepai.places.services.place import lock_trees
from xiepai.places.sheets.opening import open_source
from xiepai.places.vocabulary import read_words

__all__ = ["ImportReport", "RowIssue", "load_file"]

BATCH = 500


def load_file(
    path: str | Path,
    *,
    actor: Actor,
    keep_good: bool = False,
    owner_id: int | None = None,
    name: str = "",
    dry_run: bool = False,
    watch: Callable[[Wish], None] | None = None,
) -> ImportReport:
    """Read a file of places and write it, all or nothing unless *keep_good*.

    *owner_id* owns new places whose row names no organisation; *name* is what the report calls the file (an upload's
    path says nothing). *dry_run* does everything and takes it back; *watch* sees each row that could be written.
    Raises ``FILE_TYPE``, ``FILE_SIZE``, ``FILE_UNREADABLE``; bad rows are reported, not raised.
    """
    source_path = Path(path)
    words = read_words()
    with open_source(source_path) as source:
        plan = Plan(source, words)
    try:
        load = _Load(plan, Reader(actor, words, owner_id), watch)
        with transaction.atomic():
            load.run()
            written = (keep_good or not plan.issues) and not dry_run
            if not written:
                transaction.set_rollback(True)
    finally:
        plan.close()
    return ImportReport(
        file=name or source_path.name,
        rows=plan.rows,
        created=load.created,
        updated=load.updated,
        unchanged=load.unchanged,
        issues=tuple(sorted(plan.issues)),
        warnings=plan.warnings,
        written=written,
    )


class _Load:
    """The second pass: batches of a plan against the database."""

    def __init__(self, plan: Plan, reader: Reader, watch: Callable[[Wish], None] | None = None) -> None:
        self.plan = plan
        self.watch = watch
        self.reader = reader
        self.created = self.updated = self.unchanged = 0
        self._labels = labels_of_vocabularies()
        self._known: dict[str, Known | None] = {}
        self._nameless: set[tuple[int, int | None, str]] = set()

    def run(self) -> None:
        for level in self.plan.levels():
            for start in range(0, len(level), BATCH):
                self._batch(level[start : start + BATCH])

    def _batch(self, entries: Sequence[Entry]) -> None:
        rows = [(entry, self.plan.values(entry)) for entry in entries]
        self._learn(code for _entry, values in rows for code in _codes_named(values))
        existing = self._existing(rows)
        wishes = [wish for entry, values in rows if (wish := self._wish(entry, values, existing)) is not None]
        wishes = self._without_doubles(wishes)
        written = write(wishes, actor=self.reader.actor, labels=self._labels, refuse=self._refused)
        for wish in written:
            place = wish.place
            self._known[place.code] = Known(place.pk, place.owner_id, place.kind, place.capacity, place.parent_id)
            self.created += wish.is_new
            self.updated += wish.changes and not wish.is_new
            self.unchanged += not wish.changes
            if self.watch is not None:
                self.watch(wish)

    def _learn(self, codes: Iterable[str]) -> None:
        """Look up the places that rows hang under or join."""
        asked = {code for code in codes if self._known.get(code) is None}
        self._known.update(dict.fromkeys(asked))
        columns = ("code", "pk", "owner_id", "kind", "capacity", "parent_id")
        for code, *values in Place.objects.filter(code__in=asked).values_list(*columns):
            self._known[code] = Known(*values)

    def _existing(self, rows: Sequence[tuple[Entry, dict[str, Any]]]) -> dict[str, Place]:
        """The places the rows mean, locked; first the trees that would change shape."""
        codes = [entry.code for entry, _values in rows if entry.code]
        there = {
            code: (pk, parent, kind)
            for code, pk, parent, kind in Place.objects.filter(code__in=codes).values_list(
                "code", "pk", "parent__code", "kind"
            )
        }
        shaping: set[int] = set()
        for entry, values in rows:
            pk, parent, kind = there.get(entry.code, (None, None, None))
            moves = "parent" in values and entry.parent != (parent or "")
            if pk and (moves or values.get("kind") not in (None, kind) or "parts" in values):
                shaping.add(pk)
            above = self._known.get(entry.parent)
            if above is not None and moves:
                shaping.add(above.id)
        if shaping:
            lock_trees(shaping)
        locked = Place.objects.select_for_update(of=("self",), no_key=True).filter(code__in=codes).order_by("pk")
        together = locked.prefetch_related("opening_rules", "closed_days", "tariffs__extras", "parts__part")
        return {place.code: place for place in together}

    def _wish(self, entry: Entry, values: dict[str, Any], existing: dict[str, Place]) -> Wish | None:
        failed = [code for code in _codes_named(values) if self.plan.failed_line(code) and not self._known.get(code)]
        if failed:
            line = self.plan.failed_line(failed[0])
            key = "parent" if failed[0] == entry.parent else "parts"
            self.plan.refuse(entry.line, key, _("第 {line} 行没有导入。").format(line=line), failed[0])
            self.plan.fail(entry.code, entry.line)
            return None

        def refuse(key: str, reason: str) -> None:
            value = values.get(key)
            self.plan.refuse(entry.line, key, reason, value if isinstance(value, str | int | float) else "")

        wish = self.reader.wish(entry.line, values, existing.get(entry.code), self._known.get, refuse)
        if wish is None:
            self.plan.fail(entry.code, entry.line)
        return wish

    def _without_doubles(self, wishes: Sequence[Wish]) -> list[Wish]:
        """A row without a code whose place is there already is refused: a file loaded twice makes nothing twice."""
        nameless = [wish for wish in wishes if wish.is_new and not wish.place.code]
        if not nameless:
            return list(wishes)
        names = {wish.place.name for wish in nameless}
        there = {
            (owner, parent, name): code
            for owner, parent, name, code in Place.objects.filter(name__in=names).values_list(
                "owner_id", "parent_id", "name", "code"
            )
        }
        doubles: set[int] = set()
        for wish in nameless:
            place = wish.place
            key = (place.owner_id, place.parent_id, place.name)
            if key in there:
                self._refused(
                    wish, _("已有同名的场地，编号 {code}；要更新它请填编号。").format(code=there[key]), "name"
                )
                doubles.add(id(wish))
            elif key in self._nameless:
                self._refused(wish, _("文件里有两行同名的场地；请填编号区分。"), "name")
                doubles.add(id(wish))
            self._nameless.add(key)
        return [wish for wish in wishes if id(wish) not in doubles]

    def _refused(self, wish: Wish, reason: str, key: str = "") -> None:
        self.plan.refuse(wish.line, key, reason, wish.place.name)
        self.plan.fail(wish.place.code, wish.line)


def _codes_named(values: dict[str, Any]) -> list[str]:
    parent = " ".join((values.get("parent") or "").split())
    return [*([parent] if parent else []), *(values.get("parts") or ())]
