#!/bin/sh
# Makes .venv from a lock file (base or dev), with a Python >= 3.12 found anywhere on this machine.
# Does nothing when .venv already has what the lock says. Usage: bootstrap.sh base|dev
set -eu
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"

cd "$(dirname "$0")/../.."
set_name=$1
lock=requirements/$set_name.lock
venv=.venv

# The version first that the locks are made for.
versions="3.12 3.13 3.14"

usable() { # a command that is a Python >= 3.12 (a pyenv shim may exist and still not run)
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

find_python() {
    for version in $versions; do
        for candidate in "$(command -v "python$version" || true)" \
            "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version"*/bin/python3; do
            if [ -n "$candidate" ] && usable "$candidate"; then
                echo "$candidate"
                return
            fi
        done
    done
    if usable python3; then
        command -v python3
        return
    fi
    find_with_uv
}

find_with_uv() { # uv may know of, or fetch, one
    uv=$(command -v uv || true)
    if [ -z "$uv" ]; then
        python3 -m venv .venv-uv >&2 && .venv-uv/bin/python -m pip install --quiet uv >&2 || return 0
        uv=.venv-uv/bin/uv
    fi
    "$uv" python find '>=3.12' 2>/dev/null && return
    "$uv" python install 3.12 >&2 && "$uv" python find '>=3.12' || true
}

checksum() {
    cksum <"$1" | tr -d '\n'
}

is_current() { # the dev set contains the base set
    for name in "$set_name" dev; do
        [ -f "$venv/.installed-$name" ] &&
            [ "$(cat "$venv/.installed-$name")" = "$(checksum "requirements/$name.lock")" ] && return 0
    done
    return 1
}

# The mark is left last: what broke off on the way is made anew.
if [ -e $venv/.made ] && usable $venv/bin/python; then
    is_current && exit 0
else
    rm -rf $venv
    python=$(find_python)
    if [ -z "$python" ]; then
        echo "No Python >= 3.12 was found (looked for python3.12 to python3.14 on PATH, under pyenv, and through uv)," >&2
        echo "and none could be fetched. Install one and run it again." >&2
        rm -rf .venv-uv
        exit 1
    fi
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv $venv || {
        echo "$python cannot make a virtual environment; on Debian and Ubuntu install its -venv package." >&2
        exit 1
    }
    rm -rf .venv-uv
    touch $venv/.made
fi

if [ ! -x $venv/bin/uv ]; then
    # uv itself, as locked and with its hashes checked.
    awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' "$lock" >$venv/uv.lock
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $venv/uv.lock
fi
echo "Installing $lock"
$venv/bin/uv pip install --quiet --python $venv/bin/python --require-hashes -r "$lock"
checksum "$lock" >"$venv/.installed-$set_name"
