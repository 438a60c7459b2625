#!/usr/bin/env bash
# Makes this machine a screen: Debian 12 and later, Raspberry Pi OS (Bookworm and later), without a desktop.
#
#   sudo ./install.sh --address http://192.168.1.20:8050 [--dry-run]
#   sudo ./install.sh --uninstall [--dry-run]
#
# --dry-run prints what would be done, and does nothing. Running it again brings everything up to date.
set -euo pipefail

readonly NAME=tablo-screen
readonly LIBRARY=/usr/local/lib/$NAME
readonly SETTINGS=/etc/$NAME.conf
readonly UNIT=/etc/systemd/system/$NAME.service
readonly PAM=/etc/pam.d/$NAME
readonly HOME_DIR=/var/lib/$NAME
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here

address='' dry=no uninstall=no

usage() {
  sed -n '2,8p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//'
}

fail() {
  echo "$1" >&2
  exit 1
}

# Does it, or says that it would.
run() {
  if [[ $dry == yes ]]; then
    printf 'would run: %s\n' "$*"
  else
    "$@"
  fi
}

# Writes what comes on standard input into a file.
write() {
  if [[ $dry == yes ]]; then
    printf 'would write: %s\n' "$1"
    sed 's/^/    /'
  else
    cat >"$1"
    chmod 644 "$1"
  fi
}

# Debian calls it chromium; Raspberry Pi OS called it chromium-browser for a while.
browser_package() {
  local package
  for package in chromium chromium-browser; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      echo "$package"
      return
    fi
  done
  echo chromium
}

install_screen() {
  if [[ -e /etc/systemd/system/display-manager.service && $dry == no ]]; then
    fail "This machine has a desktop. Use a system without one, or see \"With a desktop\" in docs/kiosk.md."
  fi
  local package
  package=$(browser_package)
  run apt-get update
  # Noto: names in every script, and emoji.
  run env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    "$package" cage python3 fonts-noto-core fonts-noto-color-emoji
  if ! id "$NAME" >/dev/null 2>&1; then
    run useradd --system --create-home --home-dir "$HOME_DIR" --shell /usr/sbin/nologin "$NAME"
  fi
  local group
  for group in video render input audio; do
    if getent group "$group" >/dev/null; then
      run usermod --append --groups "$group" "$NAME"
    fi
  done
  run install -d -m 755 "$LIBRARY"
  run install -m 644 "$here/keeper.py" "$here/waiting.html" "$LIBRARY/"
  run install -m 644 "$here/$NAME.service" "$UNIT"
  write "$SETTINGS" <<EOF
# The server's address, as another machine in the office opens it.
ADDRESS=$address
BROWSER=/usr/bin/$package
EOF
  # A session of its own on the seat, so that the screen and the keyboard may be used; nobody can log in with it.
  write "$PAM" <<EOF
auth required pam_deny.so
account required pam_unix.so
session required pam_unix.so
session required pam_systemd.so
EOF
  run systemctl daemon-reload
  run systemctl enable "$NAME.service"
  run systemctl restart "$NAME.service"
  echo "Done. The screen shows a code to bind it by: open $address/settings/screens on a computer and type it."
  echo "What it says of itself: journalctl -u $NAME -f"
}

uninstall_screen() {
  run systemctl disable --now "$NAME.service" || true
  run rm -f "$UNIT" "$PAM" "$SETTINGS"
  run rm -rf "$LIBRARY"
  run systemctl daemon-reload
  if id "$NAME" >/dev/null 2>&1; then
    run userdel --remove "$NAME"
  fi
  echo "Removed. Packages stay: apt-get remove cage chromium takes them away too."
}

while (($#)); do
  case $1 in
    --address)
      (($# > 1)) || fail "--address needs the server's address, like http://192.168.1.20:8050"
      address=${2%/}
      shift
      ;;
    --dry-run) dry=yes ;;
    --uninstall) uninstall=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail "Unknown: $1. Try --help." ;;
  esac
  shift
done

if [[ $dry == no && $EUID -ne 0 ]]; then
  fail "This changes the system: run it with sudo (or look first, with --dry-run)."
fi

if [[ $uninstall == yes ]]; then
  uninstall_screen
  exit 0
fi

readonly ADDRESS_PATTERN='^https?://[][A-Za-z0-9.:_-]+(/[A-Za-z0-9._~/-]*)?$'
[[ $address =~ $ADDRESS_PATTERN ]] || fail "--address needs the server's address, like http://192.168.1.20:8050"
command -v apt-get >/dev/null || fail "This is for Debian and Raspberry Pi OS: there is no apt-get here. See docs/kiosk.md."
install_screen
