"""What came of a file: counts, and every row that could not be taken with line, column and reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError

LONGEST_VALUE = 60
SHOWN = 50


@dataclass(frozen=True, slots=True, order=True)
class RowIssue:
    """One thing wrong: the line in the file (a feature's number in GeoJSON), the column as the file calls it, why."""

    line: int
    column: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        where = _("第 {line} 行").format(line=self.line)
        if self.column:
            where += _("，{column}").format(column=self.column)
        return f"{where}：{self.reason}" + (f" [{self.value}]" if self.value else "")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome. ``written`` is false when anything was wrong and good rows were not to be kept alone."""

    file: str
    rows: int
    created: int
    updated: int
    unchanged: int
    issues: tuple[RowIssue, ...]
    warnings: tuple[str, ...]
    written: bool

    @property
    def bad_rows(self) -> int:
        """How many rows could not be taken."""
        return len({issue.line for issue in self.issues})

    def require_written(self) -> None:
        """Raise ``FILE_ROWS`` when nothing was written because of bad rows."""
        if not self.written:
            raise XiepaiError(ErrorCode.FILE_ROWS, count=self.bad_rows)

    def __str__(self) -> str:
        lines = [_("{file}：共 {rows} 行").format(file=self.file, rows=self.rows)]
        if self.written:
            lines.append(
                _("新增 {created}，更新 {updated}，不变 {unchanged}，未导入 {bad}").format(
                    created=self.created, updated=self.updated, unchanged=self.unchanged, bad=self.bad_rows
                )
            )
        else:
            lines.append(str(XiepaiError(ErrorCode.FILE_ROWS, count=self.bad_rows)))
        lines += [str(issue) for issue in self.issues[:SHOWN]]
        if len(self.issues) > SHOWN:
            lines.append(_("……还有 {count} 条").format(count=len(self.issues) - SHOWN))
        return "\n".join([*lines, *self.warnings])
