"""An evaluation as one HTML file: no script, nothing fetched; printed, it is the PDF to hand in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from importlib.metadata import version
from zoneinfo import ZoneInfo

from domain.alerts import DismissalReason
from domain.evaluation import Figures, summed
from domain.events import EventKind
from server.database.evaluations import Evaluation, SourceNamed, Watching
from server.http.evaluation_words import KINDS, LIMITS, REASONS, WORDS, Language, is_one

STYLE = """
body { font: 11pt/1.45 system-ui, sans-serif; color: #111; background: #fff; max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #bbb; padding: .3rem .5rem; text-align: left;
  vertical-align: top; }
tr { break-inside: avoid; } thead { display: table-header-group; }
td.number { text-align: right; } tr.total { font-weight: 600; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem; }
.warn { border: 2px solid #111; padding: .4rem .7rem; font-weight: 600; }
.small { font-size: .85rem; color: #444; }
@page { size: A4; margin: 16mm; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 9.5pt; } }
"""


def evaluation_page(evaluation: Evaluation, *, language: Language, time_zone: str) -> str:
    return _Page(evaluation, language, ZoneInfo(time_zone)).whole()


@dataclass(frozen=True)
class _Page:
    told: Evaluation
    language: Language
    zone: ZoneInfo

    def whole(self) -> str:
        title = self._say("title")
        parts = (
            self._head(),
            self._act(),
            self._analysed(),
            self._results(),
            self._suspensions(),
            self._limits(),
        )
        return (
            f'<!doctype html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n'
            f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
            + "\n".join(parts)
            + "\n</body>\n</html>\n"
        )

    def _head(self) -> str:
        act, told = self.told.authorisation, self.told
        lines = []
        if act.is_fictional:
            lines.append(f'<p class="warn">{self._say("fictional")}</p>')
        since, until = self._at(act.starts_at), self._at(told.until)
        made = self._say("made", at=self._at(told.made_at), since=since, until=until)
        lines.append(f"<p>{made}</p>")
        if told.until == told.made_at:
            lines.append(f'<p class="warn">{self._say("not-over")}</p>')
        return "\n".join(lines)

    def _act(self) -> str:
        act = self.told.authorisation
        reference = act.act_reference
        if act.act_date is not None:
            reference += " " + self._say("signed", day=self._day(act.act_date.isoformat()))
        valid = f"{self._at(act.starts_at)} → {self._at(act.ends_at)}"
        if act.hours is not None:
            hours = act.hours
            starts, ends = (one.isoformat("minutes") for one in (hours.starts, hours.ends))
            valid += ", " + self._say("hours", starts=starts, ends=ends, zone=hours.time_zone)
        if act.revoked_at is not None:
            valid += ", " + self._say("revoked", at=self._at(act.revoked_at))
        rows = (
            ("law", act.law),
            ("reference", reference),
            ("authority", act.authority),
            ("purpose", act.purpose),
            ("place", act.place),
            ("assessment", act.assessment),
            ("period", valid),
            ("kinds", ", ".join(self._kind(kind) for kind in sorted(act.kinds))),
            ("cameras", "; ".join(_named(one) for one in self.told.sources)),
        )
        listed = "".join(
            f"<dt>{self._say(name)}</dt><dd>{escape(text) or '—'}</dd>" for name, text in rows
        )
        return f"<h2>{self._say('act')}</h2>\n<dl>{listed}</dl>"

    def _analysed(self) -> str:
        if self.told.is_destroyed:
            return f"<h2>{self._say('analysed')}</h2>\n<p>{self._say('destroyed')}</p>"
        rows = [
            (
                _named(one.source),
                self._kind(one.kind),
                self._number(one.minutes),
                self._number(one.pictures),
                self._span(one),
            )
            for one in self.told.watchings
        ]
        heads = ("camera", "kind", "minutes", "pictures", "from-to")
        outside = self._say("outside", count=self._number(self.told.pictures_outside))
        return (
            f"<h2>{self._say('analysed')}</h2>\n{self._table(heads, rows)}\n"
            f"<p><strong>{outside}</strong></p>"
        )

    def _results(self) -> str:
        rows = [
            (_named(one.source), self._kind(one.kind), *self._figures(one.figures))
            for one in self.told.watchings
        ]
        kinds = sorted(self.told.authorisation.kinds)
        for kind in kinds if len(self.told.sources) > 1 else ():
            of_kind = summed(one.figures for one in self.told.watchings if one.kind is kind)
            rows.append((self._say("total"), self._kind(kind), *self._figures(of_kind)))
        everything = summed(one.figures for one in self.told.watchings)
        rows.append((self._say("total"), "", *self._figures(everything)))
        heads = ("camera", "kind", "raised", "waiting", "confirmed", "dismissed", "false")
        totals = len(rows) - len(self.told.watchings)
        medians = self.told.medians
        median = self._say("median", all=self._lasted(medians.get(None)))
        of_kinds = "; ".join(
            self._say("median-of", kind=self._kind(kind), time=self._lasted(medians[kind]))
            for kind in kinds
            if kind in medians
        )
        return (
            f"<h2>{self._say('results')}</h2>\n"
            f"{self._table((*heads, 'precision'), rows, totals=totals)}\n"
            f"<p>{median} {escape(of_kinds)}</p>\n"
            f'<p class="small">{self._say("precision-how")}</p>'
        )

    def _figures(self, one: Figures) -> tuple[str, ...]:
        reasons = REASONS[self.language]
        dismissed = self._number(one.decided - one.confirmed)
        if by_reason := [
            f"{reasons[reason]} {one.dismissed[reason]}"
            for reason in DismissalReason
            if one.dismissed.get(reason)
        ]:
            dismissed += f" ({', '.join(by_reason)})"
        false = self._number(one.false_alerts)
        if one.false_per_day is not None:
            false += f" ({self._number(one.false_per_day, 2)} {WORDS[self.language]['per-day']})"
        precision, interval = one.precision, one.precision_interval
        sure = "—"
        if precision is not None and interval is not None:
            low, high = (self._percent(end) for end in interval)
            sure = f"{self._percent(precision)} [{low} – {high}], n = {one.judged}"
        counts = (one.raised, one.waiting, one.confirmed)
        return (*map(self._number, counts), dismissed, false, sure)

    def _suspensions(self) -> str:
        heading = f"<h2>{self._say('suspensions')}</h2>"
        if not self.told.suspensions:
            return f"{heading}\n<p>{self._say('none')}</p>"
        words = WORDS[self.language]
        rows = [
            (
                _named(one.source),
                self._kind(one.kind),
                self._at(one.suspended_at),
                self._at(one.lifted_at) if one.lifted_at else words["running"],
                self._in_days(one.false_alerts, round(one.days, 1)),
            )
            for one in self.told.suspensions
        ]
        heads = ("camera", "kind", "suspended", "lifted", "counted")
        return f"{heading}\n{self._table(heads, rows)}"

    def _limits(self) -> str:
        listed = "".join(f"<li>{self._say(name)}</li>" for name in LIMITS)
        made = self._say("page", version=version("ilotier"))
        return f'<h2>{self._say("limits")}</h2>\n<ul>{listed}</ul>\n<p class="small">{made}</p>'

    def _table(
        self, heads: Iterable[str], rows: Sequence[Sequence[str]], *, totals: int = 0
    ) -> str:
        head = "".join(f'<th scope="col">{self._say(name)}</th>' for name in heads)
        body = []
        for index, row in enumerate(rows):
            mark = ' class="total"' if index >= len(rows) - totals else ""
            cells = "".join(f"<td>{escape(cell)}</td>" for cell in row)
            body.append(f"<tr{mark}>{cells}</tr>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"

    def _say(self, name: str, **values: str) -> str:
        return escape(WORDS[self.language][name].format(**values))

    def _kind(self, kind: EventKind) -> str:
        return KINDS[self.language].get(kind, kind.value)

    def _at(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{self._day(local.date().isoformat())} {local:%H:%M}"

    def _day(self, iso: str) -> str:
        return "/".join(reversed(iso.split("-"))) if self.language == "fr" else iso

    def _span(self, one: Watching) -> str:
        if one.first_hour is None or one.last_hour is None:
            return "—"
        return f"{self._at(one.first_hour)} – {self._at(one.last_hour)}"

    def _lasted(self, time: timedelta | None) -> str:
        if time is None:
            return "—"
        seconds = round(time.total_seconds())
        return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min {seconds % 60} s"

    def _in_days(self, count: int, days: float) -> str:
        how = WORDS[self.language]["in-day" if is_one(days, self.language) else "in-days"]
        return how.format(count=count, days=self._number(days, 0 if days.is_integer() else 1))

    def _number(self, value: float, digits: int = 0) -> str:
        text = f"{value:,.{digits}f}"
        # A narrow no-break space between thousands, as the Imprimerie nationale has it.
        return text.replace(",", "\u202f").replace(".", ",") if self.language == "fr" else text

    def _percent(self, share: float) -> str:
        return f"{self._number(100 * share, 0)} %"


def _named(source: SourceNamed) -> str:
    return source.name if source.number is None else f"{source.number} {source.name}"
