"""Writes the queries that fuzzing begins with: a file for each query of the repository's data, and
a dictionary of what the language is made of.

usage: seeds.py LANGUAGE FOLDER DICTIONARY
"""

import collections
import hashlib
import json
import pathlib
import re
import sys

QUERY = pathlib.Path(__file__).parent.parent.parent / "shared" / "query"
# A word, or operators that stand together.
TOKEN = re.compile(r"[A-Za-z_]{2,}|[^\w\s]{1,2}")
# A token of fewer queries is somebody's name for something.
COMMON = 3


def lines(path):
    return map(json.loads, path.read_text().splitlines())


def queries(language):
    """Every query of the language, valid or not."""
    grammar = QUERY / "tests" / "data" / f"{language}-grammar.jsonl"
    if grammar.exists():
        yield from (line["query"] for line in lines(grammar))
    for path in sorted((QUERY / "data" / "development").glob("*.jsonl")):
        yield from (line["expected"] for line in lines(path) if line["language"] == language)


def main(language, folder, dictionary):
    folder, seen = pathlib.Path(folder), collections.Counter()
    folder.mkdir(parents=True, exist_ok=True)
    for query in sorted(set(queries(language))):
        seen.update(set(TOKEN.findall(query)))
        name = hashlib.sha1(query.encode()).hexdigest()
        (folder / name).write_bytes(query.encode())
    tokens = sorted(token for token, count in seen.items() if count >= COMMON and token.isascii())
    escaped = (token.replace("\\", "\\\\").replace('"', '\\"') for token in tokens)
    pathlib.Path(dictionary).write_text("".join(f'"{token}"\n' for token in escaped))


main(*sys.argv[1:])
