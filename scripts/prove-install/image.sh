#!/usr/bin/env bash
# Carries out a Dockerfile without Docker and without a network: an empty root with this machine's system and Node read-only below it in place of the base
# image, then its COPY, ENV and VOLUME; its ENTRYPOINT with its CMD is started there as an ordinary user until its HEALTHCHECK succeeds.
# Usage: image.sh DOCKERFILE CONTEXT    (root, on Linux). A word of a Dockerfile that is not carried out here is an error.
set -euo pipefail
[ "${1:-}" = --inside ] || exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside "$(realpath "$1")" "$(realpath "$2")" "$(mktemp -d)"
dockerfile=$2 context=$3 root=$4
trap 'umount --recursive --lazy "$root"; rmdir "$root"' EXIT
ip link set lo up # loopback alone

mount -t tmpfs none "$root"
mkdir -p "$root"/{usr,opt/node,proc,dev,tmp,runs,run/secrets,etc}
for name in bin lib lib64; do [ -L /$name ] && cp -a /$name "$root/"; done
mount --bind /usr "$root/usr" && mount -o remount,bind,ro "$root/usr"
mount -t proc none "$root/proc" && mount --bind /dev "$root/dev"
touch "$root/opt/node/node" && mount --bind "$(readlink -f "$(command -v node)")" "$root/opt/node/node"
chmod 1777 "$root/tmp"
echo node:x:1000:1000::/tmp:/bin/sh >"$root/etc/passwd"
install -o 1000 -m 600 <(echo a-token-of-the-test) "$root/run/secrets/esper-token"

# In image: as the user, with the image's environment and nothing else.
PATH_BEFORE=$PATH
declare -A env=([PATH]=/opt/node:/usr/local/bin:/usr/bin:/bin [HOME]=/tmp)
in_image() {
  local pairs=() name
  for name in "${!env[@]}"; do pairs+=("$name=${env[$name]}"); done
  PATH=$PATH_BEFORE chroot --userspec=1000:1000 "$root" /usr/bin/env -i "${pairs[@]}" "$@"
}
# words JSON: what a list in exec form holds, one on a line.
words() { node -p 'JSON.parse(process.argv[1]).join("\n")' "$1"; }

entry=() command=() health=()
while read -r word rest; do
  case $word in
    FROM | EXPOSE | USER) ;;
    COPY) read -r from to <<<"$rest"; mkdir -p "$root$to"; cp -a "$context/$from." "$root$to" ;;
    ENV)
      for pair in $rest; do
        value=${pair#*=}
        env[${pair%%=*}]=${value//\$PATH/${env[PATH]}}
      done ;;
    VOLUME) for path in $(words "$rest"); do mkdir -p "$root$path"; done ;;
    HEALTHCHECK) mapfile -t health < <(words "${rest#*CMD }") ;;
    ENTRYPOINT) mapfile -t entry < <(words "$rest") ;;
    CMD) mapfile -t command < <(words "$rest") ;;
    *) echo "image.sh: $word is not carried out here" >&2; exit 1 ;;
  esac
done < <(sed -e '/^#/d' -e ':a' -e '/\\$/{N;s/\\\n *//;ba' -e '}' "$dockerfile")

in_image "${entry[@]}" "${command[@]}" </dev/null >"$root/printed" 2>&1 &
server=$!
for _ in $(seq 300); do
  if in_image "${health[@]}" 2>/dev/null; then
    echo "healthy: $(head -1 "$root/printed")"
    exit 0
  fi
  kill -0 $server 2>/dev/null || break
  sleep 0.1
done
cat "$root/printed" >&2
exit 1
