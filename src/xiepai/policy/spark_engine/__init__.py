"""A policy on Spark: the same query in Spark's words, for a cluster where one machine is not enough.

``query_text`` needs nothing installed: print it and run it where the data is. ``run_to_file`` runs it here and needs
PySpark and Java, which are no part of the product (``make spark`` fetches them into an environment of their own).
A column's types are Spark's; what is accepted is what :mod:`duckdb_engine` accepts from Parquet.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xiepai.policy.ir import FactSpec, Program
from xiepai.policy.sql import SPARK, fact_kinds, query
from xiepai.policy.stages import plan

__all__ = ["SparkMissingError", "query_text", "run_to_file", "session"]
HOW_TO_GET = "Spark needs Java 17 and PySpark: `make spark`, then PYTHONPATH=.venv-spark/lib/python3.*/site-packages"


class SparkMissingError(Exception):
    """PySpark or Java is not on this machine."""


def query_text(program: Program, view: str, outputs: Mapping[str, int] | None = None, tie: str | None = None) -> str:
    """The Spark SQL over a view: its columns carry the facts' names and hold their whole numbers (yes/no: BOOLEAN or
    0/1). ANSI mode (the default of Spark 4) is taken for granted. The last key of every order must be unique, or
    ``tie`` names a column that is.

    >>> from xiepai.policy.ir import FactSpec, Node, Op, Program, Value
    >>> fact = FactSpec("cost", "money", "成本", "cost", "", "money", 1, 0, 1000)
    >>> nodes = (Node(Op.FACT, (), 0, "cost", 0, 1000), Node(Op.FLOOR_DIV, (0,), 3, "", 0, 333))
    >>> tiny = Program("", "sample", "money", (), (), (fact,), nodes, (), (), (), Value(1), by_name={"cost": fact})
    >>> print(query_text(tiny, "cases").replace("`", "'"))  # doctest: +ELLIPSIS
    WITH facts AS (SELECT CAST('cost' AS BIGINT) AS f_cost FROM cases),
    ...(f_cost div 3) AS n1...
    """
    outputs = outputs or {"award": program.result.node}
    columns = {spec.name: _reader(spec) for spec in fact_kinds(plan(program, outputs.values()))}
    return query(program, SPARK, view, columns, outputs, tie)


def _reader(spec: FactSpec) -> str:
    column = f"`{spec.name}`"
    if spec.kind == "key":
        return column
    if spec.kind == "yes/no":
        text = f"CAST({column} AS BOOLEAN)"
        return text if spec.default is None else f"coalesce({text}, {'TRUE' if spec.default else 'FALSE'})"
    text = f"CAST({column} AS BIGINT)"
    return text if spec.default is None else f"coalesce({text}, CAST({spec.default} AS BIGINT))"


@contextlib.contextmanager
def session(cores: int = 2, memory: str = "2g") -> Iterator[Any]:
    """A Spark of one process. Nothing listens: no web page, driver on this machine only."""
    if shutil.which("java") is None:
        raise SparkMissingError(HOW_TO_GET)
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkMissingError(HOW_TO_GET) from error
    builder = SparkSession.builder.master(f"local[{cores}]").appName("xiepai-policy")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.session.timeZone": "UTC",
        "spark.log.level": "ERROR",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


def run_to_file(
    spark: Any,
    program: Program,
    source: Path,
    out: Path,
    outputs: Mapping[str, int] | None = None,
    tie: str | None = None,
) -> None:
    """The keys and outputs of every row of a Parquet file, as a folder of Parquet files."""
    spark.read.parquet(str(source)).createOrReplaceTempView("xiepai_population")
    spark.sql(query_text(program, "xiepai_population", outputs, tie)).write.mode("overwrite").parquet(str(out))
