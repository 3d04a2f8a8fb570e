# Shell functions that the scripts share. To be sourced, by bash with `set -euo pipefail`.
#
# Everything that is installed here goes into one cache outside the clone, in a folder named by the
# digest of the file that pins it: another pin is another folder. The crate `local` looks in the same
# places (local/src/services/install.rs).

COPILOT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
COPILOT_CACHE="${COPILOT_CACHE:-$HOME/.cache/copilot-agent}"
export COPILOT_CACHE
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$COPILOT_CACHE/target}"

# Says what is going on, with the seconds since the script began.
log() {
  printf '[%4ds] %s\n' "$SECONDS" "$*" >&2
}

# Ends the script with what is wrong and, in the lines that follow, what to do about it.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

# Fails unless the command is there; the second argument says how to get it.
need() {
  command -v "$1" >/dev/null 2>&1 || die "$1 is not installed" "$2"
}

# The first 16 characters of a file's SHA-256.
digest() {
  local sum
  if command -v sha256sum >/dev/null 2>&1; then sum="$(sha256sum "$1")"; else sum="$(shasum -a 256 "$1")"; fi
  printf '%s' "${sum:0:16}"
}

# cached KIND VERSION INSTALL_FUNCTION: prints the folder of that kind and version, and has it filled
# by INSTALL_FUNCTION FOLDER first if it is not complete. Two scripts at once take turns.
cached() {
  local kind="$1" version="$2" install="$3" folder
  folder="$COPILOT_CACHE/$kind/$version"
  if [[ ! -e "$folder/.complete" ]]; then
    mkdir -p "$COPILOT_CACHE/$kind"
    (
      if command -v flock >/dev/null 2>&1; then flock 9; fi
      if [[ ! -e "$folder/.complete" ]]; then
        rm -rf "$folder"
        # Not left to `set -e`, which bash ignores in a command that is part of an `||` list.
        "$install" "$folder" 9>&- || exit 1
        touch "$folder/.complete"
      fi
    ) 9>"$COPILOT_CACHE/$kind/.lock" >&2 || return 1
  fi
  printf '%s' "$folder"
}

# Runs a command that only speaks when it fails, then with everything it had to say.
quietly() {
  local output
  output="$(mktemp)"
  if ! "$@" >"$output" 2>&1; then
    tail -n 15 "$output" >&2
    rm -f "$output"
    return 1
  fi
  rm -f "$output"
}

# ---------------------------------------------------------------- Python

# Prints a Python that is recent enough, else says what to install.
find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  die "Python 3.10 or newer is not installed" \
    "Debian, Ubuntu: sudo apt-get install python3 python3-venv" "macOS: brew install python"
}

install_venv() {
  local folder="$1" python
  python="$(find_python)" || exit 1
  log "installing $(basename "$REQUIREMENTS") into $folder (once)"
  quietly "$python" -m venv "$folder" ||
    die "$python cannot make a virtual environment" "Debian, Ubuntu: sudo apt-get install python3-venv"
  # Compiled on first use instead: most of it never is, and the installation takes half the time.
  quietly "$folder/bin/pip" install --disable-pip-version-check --no-input --no-compile -r "$REQUIREMENTS" ||
    die "Python packages could not be installed" \
      "If there is no network: connect, or set PIP_INDEX_URL to a mirror, and run this again."
}

# Prints the folder of the pinned virtual environment: `ensure_venv` for running and testing,
# `ensure_venv build` for packaging.
ensure_venv() {
  local REQUIREMENTS="$COPILOT_ROOT/infra/requirements${1:+-$1}.txt"
  cached venv "$(digest "$REQUIREMENTS")" install_venv
}

# ---------------------------------------------------------------- Rust

# The toolchain that rust-toolchain.toml pins.
ensure_rust() {
  if ! command -v cargo >/dev/null 2>&1 && [[ -f "$HOME/.cargo/env" ]]; then source "$HOME/.cargo/env"; fi
  need cargo "Install Rust: https://rustup.rs"
  need cc "Install a C compiler: apt-get install gcc libc6-dev"
  if command -v rustup >/dev/null 2>&1 && ! quietly rustup show active-toolchain; then
    log "installing the Rust toolchain that rust-toolchain.toml names"
    quietly rustup toolchain install || die "the Rust toolchain could not be installed" \
      "If there is no network: connect, and run this again."
  fi
}

# ---------------------------------------------------------------- Debian packages

# Runs a command as root, or says that it cannot.
as_root() {
  if [[ "$(id -u)" == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo" "As root: $*"
  fi
}

# Installs those of the named Debian packages that are missing.
ensure_apt() {
  local package missing=()
  command -v apt-get >/dev/null 2>&1 || die "there is no apt-get to install $* with" "Install it and put it on PATH."
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q '^install ok' || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  log "installing ${missing[*]} with apt-get"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
  quietly as_root "${install[@]}" ||
    { quietly as_root apt-get update -q && quietly as_root "${install[@]}"; } ||
    die "${missing[*]} could not be installed" "If there is no network: connect, and run this again."
}

# Takes the programs out of Debian's package instead of installing it: that would start a system
# service on port 9090, and would need root.
install_prometheus() {
  local folder="$1"
  command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
    die "Prometheus is not installed" "Install it and put it on PATH, or name it in PROMETHEUS_BIN." \
      "macOS: brew install prometheus"
  log "unpacking Debian's prometheus into $folder (once)"
  mkdir -p "$folder" && cd "$folder" || die "cannot write to $folder"
  quietly apt-get download prometheus ||
    { quietly as_root apt-get update -q && quietly apt-get download prometheus; } ||
    die "Prometheus could not be downloaded" "If there is no network: connect, and run this again."
  quietly dpkg-deb --extract prometheus_*.deb . && rm -f prometheus_*.deb ||
    die "Prometheus could not be unpacked into $folder"
}

# Prints the folder that has prometheus and promtool.
ensure_prometheus() {
  if [[ -n "${PROMETHEUS_BIN:-}" ]]; then
    [[ -x "$PROMETHEUS_BIN" ]] || die "PROMETHEUS_BIN is $PROMETHEUS_BIN, which is not a program"
    dirname "$PROMETHEUS_BIN"
  elif command -v prometheus >/dev/null 2>&1; then
    dirname "$(command -v prometheus)"
  else
    local folder
    # Whatever version Debian has will do, so there is none to name.
    folder="$(cached prometheus debian install_prometheus)" || exit 1
    printf '%s/usr/bin' "$folder"
  fi
}

# ---------------------------------------------------------------- Loki

# Whether a Go is as new as Loki's sources ask for (infra/loki/go.mod).
go_is_recent() {
  local wanted have
  wanted="$(sed -n 's/^go //p' "$COPILOT_ROOT/infra/loki/go.mod")"
  have="$("$1" env GOVERSION 2>/dev/null)" || return 1
  have="${have#go}"
  [[ "$(printf '%s\n%s\n' "$wanted" "${have%% *}" | sort -V | head -n 1)" == "$wanted" ]]
}

# Prints a Go that can build Loki: the machine's own, or the pinned one from PyPI.
ensure_go() {
  local candidate folder
  candidate="$(command -v go || true)"
  if [[ -n "$candidate" ]] && GOTOOLCHAIN=local go_is_recent "$candidate"; then
    printf '%s' "$candidate"
    return
  fi
  folder="$(ensure_venv loki)" || exit 1
  printf '%s/bin/go' "$folder"
}

# Passes on every so many seconds how many of TOTAL lines have come: `go build -v` says a line for
# each package that it has compiled.
count_to() {
  local total="$1" count=0 said=$SECONDS line
  while IFS= read -r line; do
    if [[ "$line" == *' '* ]]; then printf '%s\n' "$line" >&2; continue; fi
    count=$((count + 1))
    if ((SECONDS - said >= 10)); then
      said=$SECONDS
      log "compiled $count of at most $total packages"
    fi
  done
}

install_loki() {
  local folder="$1" go package=github.com/grafana/loki/v3/cmd/loki packages
  go="$(ensure_go)" || exit 1
  mkdir -p "$folder" || die "cannot write to $folder"
  log "getting Loki's sources (once; some hundred MB)"
  packages="$(go_in_loki "$go" list -deps "$package" | wc -l)" && [[ "$packages" -gt 0 ]] ||
    die "Loki's sources could not be had" "If there is no network: connect, or set GOPROXY to a mirror, and run this again."
  log "building Loki into $folder (once; some minutes)"
  go_in_loki "$go" build -v -trimpath -o "$folder/loki" "$package" 2>&1 | count_to "$packages"
  [[ -x "$folder/loki" ]] || die "Loki could not be built"
}

# No C compiler is involved, nothing but the pinned sources is taken, and go.mod stays as it is.
go_in_loki() {
  local go="$1"
  shift
  (cd "$COPILOT_ROOT/infra/loki" &&
    CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off "$go" "$@")
}

# Prints the folder that has loki.
ensure_loki() {
  if [[ -n "${LOKI_BIN:-}" ]]; then
    [[ -x "$LOKI_BIN" ]] || die "LOKI_BIN is $LOKI_BIN, which is not a program"
    dirname "$LOKI_BIN"
  elif command -v loki >/dev/null 2>&1; then
    dirname "$(command -v loki)"
  else
    cached loki "$(digest "$COPILOT_ROOT/infra/loki/go.sum")" install_loki
  fi
}

# ---------------------------------------------------------------- what only tests need

install_aimock() {
  local folder="$1"
  need npm "Install Node.js 20 or newer: https://nodejs.org, or apt-get install nodejs npm"
  log "installing aimock into $folder (once)"
  mkdir -p "$folder" &&
    cp "$COPILOT_ROOT/infra/aimock/package.json" "$COPILOT_ROOT/infra/aimock/package-lock.json" "$folder/" ||
    die "cannot write to $folder"
  quietly npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund ||
    die "aimock could not be installed" "If there is no network: connect, and run this again."
}

# Prints the folder of the fake language models.
ensure_aimock() {
  cached aimock "$(digest "$COPILOT_ROOT/infra/aimock/package-lock.json")" install_aimock
}

install_dynamodb_local() {
  local folder="$1"
  need java "Install Java 17 or newer: apt-get install openjdk-17-jre-headless"
  need mvn "Install Maven: apt-get install maven"
  log "installing DynamoDB Local into $folder (once)"
  quietly mvn -B -C -f "$COPILOT_ROOT/infra/dynamodb-local/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$folder/lib" ||
    die "DynamoDB Local could not be installed" "If there is no network: connect, and run this again."
}

# Prints the folder of AWS's own DynamoDB Local.
ensure_dynamodb_local() {
  cached dynamodb-local "$(digest "$COPILOT_ROOT/infra/dynamodb-local/pom.xml")" install_dynamodb_local
}
