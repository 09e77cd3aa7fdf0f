#!/usr/bin/env bash
# Installs the distribution packages that a verb of the Makefile needs and this machine lacks:
#     setup/packages.sh run|test|voice
# As root, or with a sudo that asks for no password; else it says the one line to type.
set -euo pipefail

wanted=()
need() { # need COMMAND PACKAGE: PACKAGE is wanted when COMMAND is not there
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || wanted+=("$2")
}

version_of() { "$1" -V 2>/dev/null | sed -n 's/^Asterisk \([0-9.]*\).*/\1/p'; }
system_asterisk_serves() {
    local found
    found=$(PATH="$PATH:/usr/sbin" command -v asterisk) || return 1
    [ "$(printf '%s\n22.10.1\n' "$(version_of "$found")" | sort -V | head -n 1)" = 22.10.1 ]
}

case "${1:-run}" in
run | test)
    python3 -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv)
    if ! system_asterisk_serves; then # the embedded one is unpacked with these
        need mmdebstrap mmdebstrap
        need /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
    fi
    need dot graphviz # draws the trees (central156 dialplan draw)
    need /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core # its letters
    ;;&
test)
    need sipp sip-tester
    need promtool prometheus # checks /metrics, the alarms and their tests; nothing of it is started
    need redis-server redis-server
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
    ;;
voice)
    need espeak-ng espeak-ng
    need npm npm
    ;;
esac

[ ${#wanted[@]} -eq 0 ] && exit 0
line="apt-get install -y --no-install-recommends ${wanted[*]}"
if [ "$(id -u)" = 0 ]; then
    as_root=()
elif sudo -n true 2>/dev/null; then
    as_root=(sudo)
else
    echo "Faltam pacotes do sistema. Digite esta linha e repita o comando:" >&2
    echo "    sudo apt-get update && sudo $line" >&2
    exit 1
fi
echo "Instalando pacotes do sistema: ${wanted[*]}"
"${as_root[@]}" apt-get update -qq
# Debian's PostgreSQL and Redis packages would start servers of their own; the tests make theirs.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c "
    [ -e /etc/postgresql-common ] || { mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf; }
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
    fi
    $line" >/tmp/central156-apt.$$ 2>&1 || { cat /tmp/central156-apt.$$ >&2; rm -f /tmp/central156-apt.$$; exit 1; }
rm -f "/tmp/central156-apt.$$"
