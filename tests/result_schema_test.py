#!/usr/bin/python3
"""The chapter's tables of result files are those that the programs make."""

import sqlite3
import unittest
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent / "contrib" / "portend"


def columns(statements):
    """Columns of each table: name, type, whether NULL is refused, place in the key."""
    database = sqlite3.connect(":memory:")
    database.executescript(statements)
    tables = [row[0] for row in database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {table: {row[0]: row[1:] for row in database.execute(
        f'SELECT name, type, "notnull", pk FROM pragma_table_info(\'{table}\')')}
        for table in tables}


class ResultSchemaTest(unittest.TestCase):
    """What a reader of the chapter relies on."""

    def test_chapter_has_the_tables_of_the_program(self):
        code = (MODULE / "campaign" / "portend-result-file.cc").read_text(encoding="utf-8")
        made = code.split('R"sql(')[1].split(')sql"')[0]
        chapter = (MODULE / "doc" / "reference.rst").read_text(encoding="utf-8")
        part = chapter.split("\nResult files\n")[1].split("\nAttributes\n")[0]
        told = "\n".join(line for line in part.splitlines() if line.startswith("  "))
        self.assertIn("result", columns(made))
        self.assertEqual(columns(told), columns(made))


if __name__ == "__main__":
    unittest.main()
