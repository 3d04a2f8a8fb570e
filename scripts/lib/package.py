#!/usr/bin/env python3
"""Packs functions' binaries for Lambda: package.py --output DIR [--json] NAME=BINARY...

Each becomes DIR/NAME.zip with one file in it, `bootstrap`. The same binary gives the same bytes (time
and mode are fixed), so a deployment can tell by digest that nothing changed. Prints the sizes.
"""

import argparse
import json
import zipfile
from pathlib import Path

# The first moment that a zip file can express.
EPOCH = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o100755 << 16
UNIX = 3


def pack(binary: Path, package: Path, level: int) -> None:
    entry = zipfile.ZipInfo("bootstrap", EPOCH)
    entry.create_system = UNIX
    entry.external_attr = EXECUTABLE
    entry.compress_type = zipfile.ZIP_DEFLATED
    partial = package.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        # The level is said here, because an entry that is given does not take the archive's.
        archive.writestr(entry, binary.read_bytes(), compresslevel=level)
    # Renamed when complete, so that an interrupted run leaves no broken package.
    partial.replace(package)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", nargs="+", metavar="NAME=BINARY")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR")
    parser.add_argument("--level", type=int, default=9, help="compression, 1 (fast) to 9 (small); default 9")
    parser.add_argument("--json", action="store_true", help="print sizes as JSON")
    options = parser.parse_args()

    options.output.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, _, binary in (argument.partition("=") for argument in options.binaries):
        package = options.output / f"{name}.zip"
        pack(Path(binary), package, options.level)
        rows.append({
            "function": name, "package": str(package),
            "binary_bytes": Path(binary).stat().st_size, "zip_bytes": package.stat().st_size,
        })

    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'function':<12}{'binary':>12}{'zip':>12}")
    for row in rows:
        print(f"{row['function']:<12}{row['binary_bytes'] / 1e6:>9.2f} MB{row['zip_bytes'] / 1e6:>9.2f} MB")


if __name__ == "__main__":
    main()
