"""What stands around the policy core: the catalogue of mistakes, comparisons, differences, pages, the schema."""

from __future__ import annotations

import doctest
import importlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from xiepai.config.cli_policy import app
from xiepai.policy import (
    Code,
    Policy,
    PolicyError,
    comparing,
    differing,
    differing_money,
    documenting,
    duckdb_engine,
    load,
    oracle,
)
from xiepai.policy.check import check
from xiepai.policy.cures import CURES
from xiepai.policy.facts import show
from xiepai.policy.schema import schema

pytestmark = pytest.mark.unit
HOUSE = Path(__file__).parents[2]
SHIPPED = sorted((HOUSE / "policies").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_condition_of_a_shipped_policy_is_put_to_the_test_by_an_example(path: Path) -> None:
    found = check(load(path))
    assert not [each.message("en") for each in (*found.errors, *found.warnings)]


def test_mistakes_are_caught_and_none_ends_in_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HOUSE / "benchmarks"))
    made, bench = importlib.import_module("_mistakes"), importlib.import_module("policy_mistakes")
    counts: Counter[str] = Counter()
    for mistake in made.mistakes(SHIPPED, 2):
        counts[bench.outcome(mistake, load(HOUSE / "policies" / mistake.file))[0]] += 1
    assert counts[bench.TRACEBACK] == 0
    wrong = counts.total() - counts[bench.SAME]
    assert wrong > 200
    assert counts[bench.MISSED] <= 0.03 * wrong


@pytest.mark.parametrize("module", [comparing, differing, differing_money, documenting])
def test_what_docstrings_show_is_so(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


# ------------------------------------------------------------------ schema and error codes
class _Plain(yaml.SafeLoader):
    """Every scalar a text, as the policy language reads it."""


_Plain.yaml_implicit_resolvers = {}


def as_editor_sees(text: str) -> Any:
    return yaml.load(text, _Plain)  # noqa: S506 - the loader is a SafeLoader


@pytest.mark.parametrize("path", [*SHIPPED, HOUSE / "examples/policy/shapes.yaml"], ids=lambda path: path.stem)
def test_the_schema_accepts_every_shipped_file(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(as_editor_sees(path.read_text()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at_most:", "at_mots:"),
        ("status: partial", "status: parcial"),
        ("in_force:", "in_forse:"),
        ("    clause: ", "    cluase: "),
    ],
)
def test_the_schema_refuses_misspelt_entries(old: str, new: str) -> None:
    text = (HOUSE / "policies/wujin-2025.yaml").read_text()
    assert old in text
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(as_editor_sees(text.replace(old, new, 1)))


def test_every_error_code_has_a_cause_and_a_cure_in_both_languages() -> None:
    assert set(CURES) == set(Code)
    page = (HOUSE / "docs/policy-errors.md").read_text()
    for code, (zh, en) in CURES.items():
        assert re.search("[\u4e00-\u9fff]", zh), code
        assert len(en.split()) > 3, code
        assert f"| `{code}` |" in page


# ------------------------------------------------------------------ compare, diff, doc, prove on the command line
def run(*arguments: object) -> str:
    found = CliRunner().invoke(app, [str(each) for each in arguments])
    assert found.exit_code == 0, found.output
    return found.output


def test_cities_stand_side_by_side_with_what_to_ask_next(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("original_script: yes\nshows_wujin: yes\nscript_cost: 40万元\nscreen: vertical\nmoon: yes\n")
    files = [HOUSE / "policies" / f"{name}.yaml" for name in ("wujin-2025", "suzhou-2025", "datong-2025")]
    data = json.loads(run("compare", *files, "--facts", case, "--json"))
    wujin, suzhou, datong = data["policies"]
    script = next(each for each in wujin["measures"] if each["name"] == "script")
    assert script["stage"] == "script"
    assert script["amount"]["low"] == script["amount"]["high"] == 20_000_000 * script["amount"]["den"]
    assert "script" in [each["stage"] for each in suzhou["measures"]]
    assert datong["facts_used"] == ["screen"]
    assert suzhou["next_fact"]
    assert not wujin["is_certain"]
    assert len(data["unused"]) == 1
    told = run("compare", *files, "--facts", case, "--lang", "en")
    assert "200,000 yuan" in told
    assert "Ask next" in told


def test_a_value_one_city_cannot_read_does_not_stop_the_others() -> None:
    policies = [load(HOUSE / "policies" / f"{name}.yaml") for name in ("suzhou-2025", "wujin-2025")]
    found = comparing.compare(policies, {"episodes": "9999", "script_cost": "20万元"})
    assert [each.code for each in found.columns[0].wrong] == [Code.FACT_OUT_OF_RANGE]
    assert found.columns[1].used == ("script_cost",)


def cut(policy: str = "wujin-2025") -> tuple[Policy, Policy]:
    """A policy and the same with a lower cap and a dropped measure."""
    text = (HOUSE / "policies" / f"{policy}.yaml").read_text()
    start = text.index("  livestream_base:")
    less = text[:start] + text[text.index("  location:\n", start) :]
    return load(text), load(less.replace("at_most: 200万元", "at_most: 150万元"))


def test_a_diff_names_what_changed_and_the_money_adds_up_case_by_case() -> None:
    old, new = cut()
    words = {each.path: each for each in differing.words_changed(old, new)}
    assert words["new_project.at_most"].old == "200万元"
    assert words["new_project.at_most"].new == "150万元"
    assert words["livestream_base"].what == "removed"
    assert "第2项" in words["livestream_base"].clause
    assert len(words) == 2
    columns = differing_money.population("random:300", old, new, 3)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]
    money = differing_money.money_changed(old, new, columns)
    assert money == differing_money.money_changed(old, new, columns, engine="numba")
    before, after = (oracle.awards(policy.at(), rows) for policy in (old, new))
    assert money.old_fen - money.new_fen == sum(before) - sum(after) == money.lose_fen - money.gain_fen
    assert money.lose == sum(b > a for b, a in zip(before, after, strict=True)) > 0
    loss = money.widest_loss
    whole = {spec.name: "no" if spec.kind == "yes/no" else 0 for spec in old.facts if spec.kind in ("yes/no", "money")}
    assert loss["old_fen"] - loss["new_fen"] == max(b - a for b, a in zip(before, after, strict=True))
    assert old.evaluate(whole | loss["facts"]).fen >= loss["old_fen"]


def test_a_file_compared_with_itself_says_nothing(tmp_path: Path) -> None:
    for path in SHIPPED:
        policy = load(path)
        assert differing.words_changed(policy, policy) == []
    rows = tmp_path / "rows.csv"
    rows.write_text("总投资,new_culture_project,fixed_assets\n600万元,yes,1234万元\n500万元,yes,1234万元\n")
    path = HOUSE / "policies/wujin-2025.yaml"
    data = json.loads(run("diff", path, path, "--population", rows, "--json"))
    assert data["money"]["old_fen"] == data["money"]["new_fen"] == 123_400_000
    assert "changes" in data


def test_a_diff_reads_parquet_and_csv_to_the_same_money(tmp_path: Path) -> None:
    old, new = cut()
    drawn = differing_money.population("random:2_000", old, new, 5)
    duckdb_engine.write_columns(drawn, tmp_path / "cases.parquet")
    read = differing_money.population(str(tmp_path / "cases.parquet"), old, new)
    used = {name: drawn[name] for name in read}  # facts that no rule reads are left in the file
    assert differing_money.money_changed(old, new, read) == differing_money.money_changed(old, new, used)
    specs = differing_money.specs_of(old, new)
    lines = [",".join(specs)]
    for place in range(200):
        numbers = {name: int(drawn[name][place]) for name in specs}
        cells = [
            str(numbers[name]) if spec.kind == "key" else show(spec, numbers[name]) for name, spec in specs.items()
        ]
        lines.append(",".join(f'"{cell}"' for cell in cells))
    (tmp_path / "cases.csv").write_text("\n".join(lines), encoding="utf-8")
    written = differing_money.population(str(tmp_path / "cases.csv"), old, new)
    from_file = differing_money.money_changed(old, new, written)
    assert from_file == differing_money.money_changed(old, new, {name: column[:200] for name, column in drawn.items()})
    assert from_file.lose > 0


def test_a_diff_of_what_cannot_be_read_says_so_in_words(tmp_path: Path) -> None:
    path = str(HOUSE / "policies/wujin-2025.yaml")
    duckdb_engine.write_columns({"nothing": np.arange(3)}, tmp_path / "none.parquet")
    none = str(tmp_path / "none.parquet")
    for population, said in ((none, "missing"), ("random:0", "random:1"), ("random:x", "random:1")):
        found = CliRunner().invoke(app, ["diff", path, path, "--population", population])
        assert (found.exit_code, said in found.output) == (1, True), found.output


def test_a_population_with_a_wrong_cell_names_file_and_line(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("investment\n600万元\n600\n")
    path = HOUSE / "policies/wujin-2025.yaml"
    found = CliRunner().invoke(app, ["diff", str(path), str(path), "--population", str(rows)])
    assert found.exit_code == 1
    assert "rows.csv:3:1: fact_value" in found.output or found.exception is None


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_policy_page_holds_every_clause_fact_assumption_and_example(path: Path, language: str) -> None:
    policy = load(path)
    tags = _Tags()
    tags.feed(documenting.page(policy, "html", language))
    assert not tags.open
    for said in (" ".join(tags.words), documenting.page(policy, "md", language)):
        for measure in policy.versions[0].program.measures:
            assert measure.text in said
            assert (measure.zh if language == "zh" else measure.en) in said
        for spec in policy.facts:
            assert spec.name in said
            assert spec.proof(language) in said
        for _name, _value, reason in policy.at().assumed:
            assert reason in said
        for example in policy.examples:
            assert example.name in said


def test_what_a_file_holds_never_becomes_markup() -> None:
    text = (HOUSE / "policies/datong-2025.yaml").read_text().replace("issuer: 大同市", "issuer: <script>x</script>&")
    said = documenting.page(load(text), "html")
    assert "<script>" not in said
    assert "&lt;script&gt;" in said
    assert "\\<script>" in documenting.page(load(text), "md")


def test_prove_and_doc_speak_both_languages(tmp_path: Path) -> None:
    path = HOUSE / "policies/foshan-2025.yaml"
    assert "增加反而减少" in run("prove", path, "--on", "2025-08-01")
    data = json.loads(run("prove", path, "--on", "2025-08-01", "--json"))
    problems = [each["zh"] for each in data["findings"] if each["problem"]]
    assert "营业收入（2024年）增加，基地反而减少" in problems
    assert {each["status"] for each in data["findings"]} <= {"proven", "refuted"}
    assert "At most" in run("prove", path, "--on", "2025-08-01", "--lang", "en")
    out = tmp_path / "page.html"
    run("doc", path, "--format", "html", "--lang", "en", "--out", out)
    assert '<html lang="en">' in out.read_text()
    assert run("doc", path).startswith("# 佛山市微短剧扶持措施")


# ------------------------------------------------------------------ whatever is done to a file: an answer in words
TEXTS = [path.read_text() for path in SHIPPED]
TOKENS = re.compile(r"\w+|\s+|.")
ODD = [
    *("\u202e", "\u200b", "\x00", "&a", "*a", "!!python/object:os.system", "---", "{", "]", "'", '"', "\t", "% "),
    *(
        "99999999999999999999",
        "1e400",
        "٣",
        "Ⅷ",
        "０",
        "🎬",
        ": ",
        "- ",
        "|",
        "<<",
        "~",
        "1/0",
        "((((((((",
        "not " * 50,
    ),
    *("万元万元", "-1元", "0x10", "\ud800"),
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        lines = text.splitlines(keepends=True)
        place = draw(st.integers(0, max(0, len(lines) - 1)))
        match draw(st.integers(0, 5)):
            case 0:
                text = "".join(lines[:place] + lines[place + 1 :])
            case 1:
                other = draw(st.integers(0, len(lines) - 1))
                lines[place], lines[other] = lines[other], lines[place]
                text = "".join(lines)
            case 2:
                start = draw(st.integers(0, len(text)))
                text = text[:start] + text[start + draw(st.integers(1, 40)) :]
            case 3:
                start = draw(st.integers(0, len(text)))
                text = text[:start] + draw(st.sampled_from(ODD)) + text[start:]
            case 4:
                tokens = TOKENS.findall(lines[place]) or [""]
                at = draw(st.integers(0, len(tokens) - 1))
                tokens[at] = draw(st.sampled_from([*ODD, *(TOKENS.findall(lines[-1]) or [""])]))
                lines[place] = "".join(tokens)
                text = "".join(lines)
            case _:
                start = draw(st.integers(0, len(text)))
                text = text[:start] + draw(st.text(max_size=5)) + text[start:]
        if not text.strip():
            return "\n"
    return text + "\n"


def test_files_made_to_hurt_are_answered_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HOUSE / "benchmarks"))
    for name, text in importlib.import_module("_hostile").hostile().items():
        try:
            found = check(load(text + "\n")).errors
        except PolicyError as error:
            found = list(error.diagnostics)
        assert all(each.render("en") for each in found), name


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_a_damaged_file_is_answered_in_words(text: str) -> None:
    try:
        found = [*(checked := check(load(text))).errors, *checked.warnings]
    except PolicyError as error:
        found = list(error.diagnostics)
    for each in found:
        for language in ("zh", "en"):
            assert each.message(language)
            assert "{" not in each.message(language) or "{" in text
            each.render(language)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(TEXTS), st.integers(0, 5000))
def test_bytes_of_any_kind_are_answered_in_words(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, text: str, at: int
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "policy.yaml"
    whole = text.encode()
    path.write_bytes(whole[:at] + junk + whole[at:])
    try:
        told = [each.render("en") for each in check(load(path)).errors]
    except PolicyError as error:
        told = [error.render("en")]
    assert all(told)
