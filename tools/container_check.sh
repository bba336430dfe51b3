#!/usr/bin/env bash
# container_check.sh - really build a Dockerfile and really run its container on a
# Debian machine that has no Docker engine and reaches no image registry.
#
#   container_check.sh [options] CONTEXT URL CONTAINER_PORT [-- CMD ARG...]
#   e.g.  tools/container_check.sh . http://127.0.0.1:8080/health 8080
#
#   -f FILE        Dockerfile (default CONTEXT/Dockerfile)
#   -b IMAGE       base image to make (default: every image named by FROM / COPY --from)
#   -a KEY=VAL     build argument            -e KEY=VAL   environment of the container
#   -v SRC:DST:ro  volume of the container   -t TARGET    stage to build
#   -n             build without the layer cache          -q  default run only, no variants
#   -w             build twice, the second time without the cache; all layers must be the same, with
#                  the build argument SOURCE_DATE_EPOCH (-a) as the time of their files
#   -k             keep the default container running at the end (prints how to stop it)
#   --fresh-base   make the base image(s) anew            --reset  drop all that is cached, exit
# The host port is the one in URL; CMD, when given, replaces the image's CMD.
#
# How: the bases python:* and debian:* are made from Debian packages by debootstrap and
# tagged docker.io/library/...; python lives in /usr/local as in the official image (no
# EXTERNALLY-MANAGED, plain site-packages). podman builds (--format docker) and runs (runc,
# bridge network, published port). The host's pip/apt/CA settings are read at run time and
# given to the build steps only (the CA bundle is part of the local base). Everything cached is
# under $CONTAINER_CHECK_DIR (default /var/cache/container_check).
# Exit code: 0 = built, answered, HEALTHCHECK passed (or there is none) and ended by SIGTERM
# within $STOP_LIMIT in the default run; 1 = not so; 2 = wrong use or missing tool.
# Not as in docker build: RUN/COPY <<EOF here-documents, COPY --parents / --exclude, RUN --network /
# --security and images other than python:* (Debian-based) and debian:* do not work; COPY --link and
# HEALTHCHECK --start-interval are left out, digests too; a WORKDIR after USER belongs to that user
# here (to root in docker) and a WORKDIR without a later RUN/COPY into it is not in the image.
# Don't run it while something is being measured: building takes CPU, and podman's port forwarding makes
# the kernel track all connections until the script ends.
# $BUILD_NET: network of RUN steps (default host). $READY_LIMIT / $STOP_LIMIT: seconds (60 / 30).
set -uo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
DIR=${CONTAINER_CHECK_DIR:-/var/cache/container_check}
READY_LIMIT=${READY_LIMIT:-60} STOP_LIMIT=${STOP_LIMIT:-30} BUILD_NET=${BUILD_NET:-host}
RECIPE=2                                   # raise it when make_base changes: bases are made anew
APT_NEEDED="podman runc debootstrap"                # plus curl, python3 where they are missing

say()  { printf '%s\n' "$*"; }
row()  { printf '  %-26s %s\n' "$1" "$2"; }
die()  { say "container_check: $*" >&2; exit 2; }
now()  { date +%s%3N; }                    # milliseconds
usage() { sed -n '2,/^set -uo/{/^#/s/^# \{0,1\}//p}' "$0"; exit "${1:-2}"; }

dockerfile='' base='' target='' nocache=() twice='' epoch=() quick='' keep='' fresh='' reset='' bargs=() rargs=()
pos=() cmd=()
while [ $# -gt 0 ]; do
  case $1 in
    -f) dockerfile=${2:?}; shift;;         -b) base=${2:?}; shift;;
    -t) target=${2:?}; shift;;             -a) bargs+=(--build-arg "${2:?}"); shift;;
    -e) rargs+=(--env "${2:?}"); shift;;   -v) rargs+=(--volume "${2:?}"); shift;;
    -n) nocache=(--no-cache);;             -q) quick=1;;
    -w) twice=1;;
    -k) keep=1;;                           --fresh-base) fresh=1;;
    --reset) reset=1;;                     -h|--help) usage 0;;
    --) shift; cmd=("$@"); break;;         -*) usage;;
    *) pos+=("$1");;
  esac; shift
done
[ "$(id -u)" = 0 ] || die "must be root"
if [ -n "$reset" ]; then
  [ -f "$DIR/storage.conf" ] && CONTAINERS_CONF=$DIR/containers.conf \
    CONTAINERS_STORAGE_CONF=$DIR/storage.conf podman system reset --force >/dev/null 2>&1
  [ -f "$DIR/storage.conf" ] && rm -rf -- "$DIR"
  say "dropped $DIR"; exit 0
fi
[ ${#pos[@]} = 3 ] || usage
context=${pos[0]} url=${pos[1]} cport=${pos[2]}
[ -d "$context" ] || die "no such folder: $context"
dockerfile=${dockerfile:-$context/Dockerfile}
[ -f "$dockerfile" ] || die "no such file: $dockerfile"
[[ $url =~ ^https?://[^/:]+:([0-9]+)(/|$) ]] || die "URL needs a port: $url"
hport=${BASH_REMATCH[1]}
(exec 3<>"/dev/tcp/127.0.0.1/$hport") 2>/dev/null && { say "RESULT: port $hport is already in use on this machine; choose another in URL"; exit 1; }
for t in podman runc debootstrap curl python3; do
  command -v $t >/dev/null || die "'$t' is missing; install with: apt-get update && apt-get install -y --no-install-recommends $APT_NEEDED"
done

# ---- own containers.conf / storage.conf, so that nothing else on the machine is touched --------
mkdir -p "$DIR/debs" || exit 2
exec 9>"$DIR/lock"; flock -w 900 9 || die "another run holds $DIR/lock"
driver=overlay; case $(stat -f -c %T "$DIR") in overlay*|fuse*|nfs*) driver=vfs;; esac
# Limits: podman's defaults are above what a machine without CAP_SYS_RESOURCE may set.
nofile=$(ulimit -Hn); case $nofile in unlimited) nofile=65536;; esac; [ "$nofile" -le 65536 ] || nofile=65536
cat >"$DIR/containers.conf" <<EOF
[containers]
default_ulimits = ["nofile=$nofile:$nofile", "nproc=8192:8192"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
EOF
cat >"$DIR/storage.conf" <<EOF
[storage]
driver = "$driver"
graphroot = "$DIR/storage"
runroot = "/run/container_check"
EOF
export CONTAINERS_CONF=$DIR/containers.conf CONTAINERS_STORAGE_CONF=$DIR/storage.conf
export DISABLE_HC_SYSTEMD=true             # no systemd timers: the HEALTHCHECK is run by hand below
TMP=$(mktemp -d) NAME=cc-$$ keepname='' forward0=$(cat /proc/sys/net/ipv4/ip_forward)
net_off() {                                # while nat rules exist the kernel tracks every connection, loopback
  local t c left                           # too, which slows measurements: drop podman's when nothing uses them
  left=$(for t in nat filter; do iptables -t $t -S; done 2>/dev/null | awk '$1=="-N" && $2~/^CNI-/{print $2}')
  [ -n "$left" ] || return 0
  grep -qvE '^CNI-(HOSTPORT-(DNAT|MASQ|SETMARK)|ADMIN|FORWARD)$' <<<"$left" && return 0      # some container is still up
  for t in nat filter; do
    iptables -t $t -S | grep -E '^-A [A-Z]+ .*-j CNI-' | sed "s/^-A/-t $t -D/" | xargs -r -L1 iptables
    for c in $left; do iptables -t $t -F "$c"; done; for c in $left; do iptables -t $t -X "$c"; done
    iptables -t $t -S | grep -qE '^-[AN]' || iptables -t $t -X
  done >/dev/null 2>&1
  [ -d /sys/class/net/cni-podman0 ] && [ -z "$(ls /sys/class/net/cni-podman0/brif)" ] && ip link del cni-podman0 2>/dev/null
  echo "$forward0" >/proc/sys/net/ipv4/ip_forward
}
cleanup() {                                # only what this run started
  local c
  for c in $(podman ps -aq --filter "name=^$NAME-" 2>/dev/null); do
    [ "$(podman inspect "$c" --format '{{.Name}}' 2>/dev/null)" = "$keepname" ] && continue
    podman rm -f -t 0 "$c" >/dev/null 2>&1
  done
  mountpoint -q "$TMP/root/proc" && umount "$TMP/root/proc"
  mountpoint -q "$TMP/root/sys" && umount "$TMP/root/sys"
  net_off
  rm -rf --one-file-system -- "$TMP"
}
trap cleanup EXIT; trap 'exit 130' INT TERM HUP

# ---- 0. which images does the Dockerfile need? (ARG before FROM, stages, COPY --from, digests) --
python3 - "$dockerfile" "$TMP/Dockerfile" "${bargs[@]}" >"$TMP/images" <<'PY' || exit 2
import re, sys
src, out, given = sys.argv[1], sys.argv[2], dict(a.split("=", 1) for a in sys.argv[3:] if "=" in a)
text = open(src, encoding="utf-8").read()
clean = re.sub(r"(?m)^(\s*(?:FROM|COPY\s+--from=|RUN\s+--mount=)\S*.*?)@sha256:[0-9a-f]{64}", r"\1", text)
if clean != text:
    text = clean
    print("note: digests (@sha256:...) were left out: the base here is a stand-in", file=sys.stderr)
clean = re.sub(r"(?m)^(\s*(?:COPY|ADD)\b.*?)\s--link(=\w+)?(?=\s)", r"\1", clean)
clean = re.sub(r"\s--start-interval=\S+", "", clean)
if clean != text:
    print("note: COPY --link / HEALTHCHECK --start-interval, unknown to this podman, were left out", file=sys.stderr)
open(out, "w", encoding="utf-8").write(clean)
args, stages, seen, from_seen = {}, set(), [], False
def expand(s):
    def one(m):
        name, op, alt = m.group(1) or m.group(4), m.group(2), m.group(3)
        v = args.get(name, "")
        return (alt if v else "") if op == ":+" else (v or alt or "")
    return re.sub(r"\$\{(\w+)(?:(:-|:\+)([^}]*))?\}|\$(\w+)", one, s)
lines = re.sub(r"(?m)^\s*#.*\n", "", clean)
for line in re.sub(r"\\[ \t]*\n", " ", lines).splitlines():
    w = line.split()
    if not w: continue
    ins = w[0].upper()
    if ins == "ARG" and not from_seen:
        for a in w[1:]:
            k, _, v = a.partition("=")
            args[k] = given.get(k, expand(v.strip("\"'")))
    elif ins == "FROM":
        from_seen = True
        rest = [x for x in w[1:] if not x.startswith("--")]
        img = expand(rest[0])
        if img.lower() not in stages and img != "scratch" and img not in seen: seen.append(img)
        if len(rest) >= 3 and rest[1].lower() == "as": stages.add(rest[2].lower())
    elif ins in ("COPY", "RUN"):
        for m in re.finditer(r"(?:^|[\s,])(?:--)?from=([^\s,]+)", " ".join(x for x in w[1:6] if "from=" in x)):
            img = expand(m.group(1))
            if img.lower() not in stages and not img.isdigit() and img not in seen: seen.append(img)
    if re.search(r"<<-?['\"]?[A-Za-z_]+", line) and ins in ("RUN", "COPY"):
        print("note: here-documents (RUN <<EOF) are not understood by this podman/buildah: " + line.strip(), file=sys.stderr)
print("\n".join(seen))
PY
[ -n "$base" ] && say "$base" >"$TMP/images"

# ---- 1. base images ----------------------------------------------------------------------------
# The host's Debian mirrors, as apt knows them: "suite-name codename uri" lines, nothing hard-coded.
apt_sources() { apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(REPO_URI)' 'Identifier: Packages' \
  | awk -F'|' '$1=="Debian"{print $3, $4}' | sort -u; }
host_python() {                            # path of a host interpreter X.Y, if there is one
  local p
  for p in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1"*/bin/python"$1" $(type -aP "python$1"); do
    [ -x "$p" ] && "$p" -c "import sys, ssl, ctypes; sys.exit(sys.version_info[:2] != tuple(map(int, '$1'.split('.'))))" 2>/dev/null && { say "$p"; return; }
  done
}
make_base() {                              # $1 = image as written in the Dockerfile
  local img=$1 short=${1#docker.io/} full tag py='' suite='' extra=() pkgs r=$TMP/root mirror dpy have src t0
  short=${short#library/}; full=docker.io/library/$short; [[ $short = *:* ]] || full=$full:latest
  tag=${full##*:}
  case $short in
    python*) [[ $tag =~ ^[0-9]+\.[0-9]+ ]] && py=${BASH_REMATCH[0]} || py=3.13
             case $tag in *alpine*|*windows*) die "$img: only Debian-based tags can be made here";; esac
             case $py in 3.13) suite=trixie;; *) suite=bookworm;; esac;;
    debian*) case $tag in *bookworm*|12*|oldstable*) suite=bookworm;; *) suite=trixie;; esac;;
    *) die "$img: not an image that can be made here (only python:* and debian:*); no image registry is reachable";;
  esac
  case $tag in *bookworm*) suite=bookworm;; *trixie*) suite=trixie;; esac
  local key; key=$RECIPE-$suite-$(cat /etc/ssl/certs/ca-certificates.crt 2>/dev/null | sha256sum | cut -c1-16)
  if [ -z "$fresh" ] && [ "$(podman image inspect "$full" --format '{{index .Labels "container_check.key"}}' 2>/dev/null)" = "$key" ]; then
    row "base $full" "cached: $(podman image inspect "$full" --format '{{index .Labels "container_check.what"}}' | tr _ ' ')"; return
  fi
  t0=$(now); say "making base $full (about a minute) ..."
  mirror=$(apt_sources | awk -v s="$(. /etc/os-release; echo "$VERSION_CODENAME")" '$1==s{print $2; exit}')
  [ -n "$mirror" ] || die "apt knows no Debian mirror here: run apt-get update first"
  pkgs=ca-certificates,netbase,tzdata,media-types; [ -n "$py" ] && pkgs+=,python3-venv
  case $short in python*) [[ $tag = *slim* ]] || pkgs+=,build-essential,curl,git,wget;; esac
  nice -n 19 debootstrap --variant=minbase --cache-dir="$(realpath "$DIR/debs")" --include="$pkgs" "$suite" "$r" "$mirror" >"$DIR/debootstrap.log" 2>&1 \
    || { tail -5 "$DIR/debootstrap.log"; die "debootstrap $suite failed, see $DIR/debootstrap.log"; }
  # apt of the image: the host's own sources, for this suite
  apt_sources | sed "s/^$(. /etc/os-release; echo "$VERSION_CODENAME")/$suite/" | awk '{print "deb", $2, $1, "main"}' >"$r/etc/apt/sources.list"
  local what="Debian $suite"
  if [ -n "$py" ]; then
    dpy=$(basename "$(readlink -f "$r/usr/bin/python3")"); dpy=${dpy#python}
    mkdir -p "$r/usr/local/lib" "$r/usr/local/bin"
    src=$(host_python "$py"); have=$py
    if [ "$dpy" != "$py" ] && [ -z "$src" ]; then
      say "WARNING: no Python $py in Debian $suite nor on this machine; $full gets Python $dpy instead"; have=$dpy
    fi
    if [ "$dpy" = "$have" ]; then          # Debian's interpreter, moved to /usr/local, upstream layout
      cp -a "$r/usr/lib/python$have" "$r/usr/local/lib/"
      cp -a "$r/usr/bin/python$have" "$r/usr/local/bin/"
      local l=$r/usr/local/lib/python$have
      rm -rf "$l/dist-packages" "$l/EXTERNALLY-MANAGED"; mkdir -p "$l/site-packages"
      cp -aL "$r"/usr/lib/python3/dist-packages/{distutils,lib2to3} "$l/" 2>/dev/null
      sed -i "s/prefix_scheme = '\(deb_system\|posix_local\)'/prefix_scheme = 'posix_prefix'/" "$l"/sysconfig.py "$l"/sysconfig/__init__.py 2>/dev/null
      ln -s site-packages "$l/dist-packages"   # Debian's site module (frozen in) looks there
      sed -i "s/^    _ensurepip_is_disabled_in_debian_for_system()/    pass/" "$l/ensurepip/__init__.py"
      what+=", Debian's Python"
    else                                   # an interpreter of the host (e.g. pyenv's), copied
      local hp; hp=$("$src" -c 'import sys; print(sys.base_prefix)')
      mkdir -p "$r/usr/local/include"
      tar -C "$hp" --exclude='__pycache__' --exclude='*.a' --exclude="lib/python$have/test" --exclude="lib/python$have/site-packages/*" \
        -c "bin/python$have" "lib/python$have" "include/python$have" | tar -C "$r/usr/local" -x --no-same-owner
      cp -a "$hp"/lib/libpython"$have"*.so* "$r/usr/local/lib/" 2>/dev/null
      mkdir -p "$r/usr/local/lib/python$have/site-packages"
      what+=", this machine's Python"
    fi
    local n; for n in python python3; do ln -sf "python$have" "$r/usr/local/bin/$n"; done
    cp -a "$r/usr/share/python-wheels" "$TMP/wheels" 2>/dev/null
    # Debian's own python packages go (the official slim image has no /usr/bin/python3); the
    # libraries that the interpreter needs stay.
    chroot "$r" sh -c "dpkg --purge --force-depends \$(dpkg-query -W -f '\${Package}\n' | grep -E '^(lib)?python3')" >>"$DIR/debootstrap.log" 2>&1
    chroot "$r" ldconfig
    mkdir -p "$r/tmp/whl"; cp "$TMP"/wheels/*.whl "$r/tmp/whl/" 2>/dev/null
    cp "$r/usr/local/lib/python$have"/ensurepip/_bundled/*.whl "$r/tmp/whl/" 2>/dev/null
    case $have in 3.1[2-9]) rm -f "$r"/tmp/whl/setuptools*;; esac
    chroot "$r" env -i PATH=/usr/local/bin:/usr/bin:/bin sh -c 'p=$(ls /tmp/whl/pip-*.whl | sort -V | tail -1)
      n=pip; ls /tmp/whl/setuptools* >/dev/null 2>&1 && n="pip setuptools"
      PYTHONPATH=$p python3 -m pip install --no-cache-dir --no-index --find-links /tmp/whl --root-user-action=ignore $n' >>"$DIR/debootstrap.log" 2>&1 \
      || { tail -5 "$DIR/debootstrap.log"; die "pip could not be put into $full, see $DIR/debootstrap.log"; }
    # venv of Debian's Python looks for the wheels in this folder
    [ "$dpy" = "$have" ] && { mkdir -p "$r/usr/share/python-wheels"; cp "$r"/tmp/whl/*.whl "$r/usr/share/python-wheels/"; }
    rm -rf "$r/tmp/whl" "$TMP/wheels"
    chroot "$r" /usr/local/bin/pip --version >>"$DIR/debootstrap.log" 2>&1 || die "pip in $full does not run"
    py=$(chroot "$r" /usr/local/bin/python -c 'import ssl,sqlite3,ctypes,zlib,lzma,bz2,readline,uuid,sys;print(sys.version.split()[0])') || die "the Python put into $full does not run"
    what+=" $py"
  fi
  [ -s /etc/ssl/certs/ca-certificates.crt ] && cp /etc/ssl/certs/ca-certificates.crt "$r/etc/ssl/certs/ca-certificates.crt"
  : >"$r/etc/pip.conf"; mkdir -p "$r/etc/uv"; : >"$r/etc/uv/uv.toml"       # mount points of step 2
  # smaller, like the official slim images
  rm -rf "$r"/var/cache/apt/*.bin "$r"/var/cache/apt/archives/*.deb "$r"/var/lib/apt/lists/* "$r"/var/log/{bootstrap.log,dpkg.log,apt,alternatives.log} \
         "$r"/usr/share/{man,info,locale}/* "$r"/etc/resolv.conf "$r"/etc/hostname
  find "$r/usr/share/doc" -type f ! -name copyright -delete; find "$r/usr/local/lib" -name __pycache__ -prune -exec rm -rf {} +
  tar -C "$r" --one-file-system -c . | podman import -q \
      -c 'CMD ["python3"]' -c 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' -c "ENV LANG=C.UTF-8" ${py:+-c "ENV PYTHON_VERSION=$py"} \
      -c "LABEL container_check.key=$key" -c "LABEL container_check.what=$(tr ' ' _ <<<"$what")" - "$full" >/dev/null || die "podman import failed"
  rm -rf --one-file-system -- "$r"
  row "base $full" "made in $(( ($(now) - t0) / 1000 )) s: $what"
}
podman container prune -f >/dev/null 2>&1                      # ended ones, of this store only
podman image prune -f --filter until=72h >/dev/null 2>&1
say "== base images"
while read -r i; do [ -n "$i" ] && make_base "$i"; done <"$TMP/images"

# ---- 2. build ----------------------------------------------------------------------------------
# pip of the host -> /etc/pip.conf of the RUN steps (index, certificates, local folders mounted ro);
# nothing of it stays in the image.
python3 - "$TMP" >"$TMP/mounts" <<'PY'
import ast, configparser, os, re, subprocess, sys
from urllib.parse import urlsplit, unquote
tmp = sys.argv[1]
p = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
conf, mounts = {}, {}
for line in p.splitlines():
    k, eq, v = line.partition("=")
    if not eq: continue
    section, _, key = k.rpartition(".")
    if section == ":env:": section = "global"
    try: conf.setdefault(section, {})[key] = str(ast.literal_eval(v))
    except (ValueError, SyntaxError): pass
drop = {"require-virtualenv", "user", "target", "prefix", "cache-dir", "log", "no-cache-dir", "config-file", "python", "root"}
cp = configparser.RawConfigParser()
for s, d in conf.items():
    cp.add_section(s)
    for k, v in d.items():
        if k in drop: continue
        words = v.split()
        for i, word in enumerate(words):
            path = None
            if word.startswith("file://"):
                path = unquote(urlsplit(word).path).rstrip("/")
                path = os.path.dirname(path) if "index" in k else path   # an index links to ../files
            elif word.startswith("/"): path = word
            if path and os.path.exists(path) and path.count("/") >= 2 and not path.startswith("/etc/ssl/certs"):
                mounts[path] = "/dev/host" + path            # under /dev: leaves no folder in the image
                words[i] = word.replace(path, mounts[path], 1)
        cp.set(s, k, " ".join(words))
with open(f"{tmp}/pip.conf", "w") as f: cp.write(f)
g = conf.get("global", {})
with open(f"{tmp}/uv.toml", "w") as f:
    f.write("native-tls = true\n")
    if g.get("index-url"): f.write(f'index-url = "{g["index-url"]}"\n')
mounts[f"{tmp}/pip.conf"] = "/etc/pip.conf"; mounts[f"{tmp}/uv.toml"] = "/etc/uv/uv.toml"
print("\n".join(f"{s}:{d}:ro" for s, d in mounts.items()))
PY
vols=(); while read -r m; do vols+=(--volume "$m"); done <"$TMP/mounts"
apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https)::(Proxy|CaInfo|Verify)' >"$TMP/apt.conf" && vols+=(--volume "$TMP/apt.conf:/etc/apt/apt.conf.d/90host:ro")
say "== build"
bad=0; image=localhost/container_check:latest; t0=$(now); ign=()
[ -f "$dockerfile.dockerignore" ] && ign=(--ignorefile "$dockerfile.dockerignore")
for a in "${bargs[@]}"; do case $a in SOURCE_DATE_EPOCH=*) epoch=(--timestamp "${a#*=}");; esac; done
build() { nice -n 19 podman build "$@" --format docker --pull=never --network "$BUILD_NET" --ulimit "nofile=$nofile:$nofile" --ulimit nproc=8192:8192 \
  "${vols[@]}" "${bargs[@]}" "${epoch[@]}" "${nocache[@]}" ${target:+--target "$target"} "${ign[@]}" -f "$TMP/Dockerfile" -t $image "$context"; }
build >"$DIR/build.log" 2>&1; rc=$?
if [ $rc != 0 ] && grep -qE 'runc|crun|OCI runtime|cgroup' "$DIR/build.log"; then
  say "  retry with --isolation chroot"; build --isolation chroot >"$DIR/build.log" 2>&1; rc=$?
fi
grep -iE '^(warn|\[?warning)|level=(warn|error)' "$DIR/build.log" | grep -vE "Location 'file:|native-tls|Running pip as the 'root'" | sort -u | head -10 | sed 's/^/  /'
[ $rc = 0 ] || { tail -30 "$DIR/build.log" | sed 's/^/  | /'; say "RESULT: build FAILED (rc $rc), whole log: $DIR/build.log"; exit 1; }
row "build time" "$(( $(now) - t0 )) ms ($(grep -c -- '--> Using cache' "$DIR/build.log") of $(grep -E '^(\[[0-9/]+\] )?STEP' "$DIR/build.log" | grep -vcE 'STEP [0-9/]+: FROM') steps from the cache), log $DIR/build.log"
insp() { podman image inspect $image --format "$1"; }
total=$(insp '{{.Size}}') onbase=0
# bytes above the base = the layers that the base does not have (podman history, newest first)
basetop=$(while read -r i; do i=${i#docker.io/}; i=${i#library/}; podman image inspect "docker.io/library/$i" --format '{{index .RootFS.Layers 0}}' 2>/dev/null; done <"$TMP/images")
first=$(insp '{{index .RootFS.Layers 0}}')
[ -n "$basetop" ] && grep -qF "$first" <<<"$basetop" && onbase=1
mapfile -t hist < <(podman history --format json $image | python3 -c 'import json, sys
for h in json.load(sys.stdin): print(h.get("size", 0), (h.get("CreatedBy") or "").replace("\t", " ").replace("\n", " "), sep="\t")')
top=0; last=$(( ${#hist[@]} - 1 ))
for i in "${!hist[@]}"; do [ "$onbase" = 1 ] && [ "$i" = "$last" ] && continue; top=$(( top + ${hist[$i]%%$'\t'*} )); done
row "image size" "$total bytes, on top of the base: $top bytes (uncompressed; $(insp '{{len .RootFS.Layers}}') layers)"
for i in "${!hist[@]}"; do s=${hist[$i]%%$'\t'*}; [ "$s" -gt 100000 ] && [ "$i" != "$last" ] && row "" "$s  $(cut -f2- <<<"${hist[$i]}" | tr -s ' \t' ' ' | cut -c1-110)"; done
row "USER / WORKDIR" "$(insp '{{or .Config.User "(root)"}} / {{or .Config.WorkingDir "/"}}')"
row "ENTRYPOINT / CMD" "$(insp '{{json .Config.Entrypoint}} / {{json .Config.Cmd}}')"
row "EXPOSE / STOPSIGNAL" "$(insp '{{json .Config.ExposedPorts}} / {{or .Config.StopSignal "SIGTERM"}}')"
hc=$(insp '{{json .HealthCheck}}' 2>/dev/null); [ "$hc" = null ] && hc=''; row "HEALTHCHECK" "${hc:-none}"

if [ -n "$twice" ]; then
  podman tag $image localhost/container_check:first; nocache=(--no-cache); t0=$(now)
  build >"$DIR/build2.log" 2>&1 || { tail -30 "$DIR/build2.log" | sed 's/^/  | /'; say "RESULT: the second build FAILED"; exit 1; }
  layers() { podman image inspect "$1" --format '{{json .RootFS.Layers}}'; }
  if [ "$(layers $image)" = "$(layers localhost/container_check:first)" ]; then
    row "built again" "$(( $(now) - t0 )) ms, without the cache: the same $(insp '{{len .RootFS.Layers}}') layers, the last $(insp '{{index .RootFS.Layers 1}}' | cut -c1-19)"
  else
    row "built again" "NO: other layers; what differs:"
    for i in $image localhost/container_check:first; do m=$(podman image mount "$i")
      (cd "$m" && find . -xdev -printf '%p %y %m %U %G %T@ %l\n' && find . -xdev -type f -exec sha256sum {} +) | LC_ALL=C sort >"$TMP/${i##*:}"; podman image unmount "$i" >/dev/null; done
    diff "$TMP/first" "$TMP/latest" | head -20 | sed 's/^/      | /'; bad=1
  fi
  podman rmi localhost/container_check:first >/dev/null 2>&1
fi

# ---- 3. + 4. run, look, stop -------------------------------------------------------------------
run_variant() {                            # $1 = label, $2 = 'main' or '', rest = podman run arguments
  local label=$1 main=$2 c=$NAME-$RANDOM pid started ready='' deadline code hcrc='' stop='' t s ids; shift 2
  local out; out=$(podman run -d --name "$c" -p "127.0.0.1:$hport:$cport" "${rargs[@]}" "$@" $image "${cmd[@]}" 9>&- 2>&1) \
    || { row "$label" "NO: does not start: $(tail -1 <<<"$out")"; podman rm -f -t 0 "$c" >/dev/null 2>&1; return 1; }
  pid=$(podman inspect "$c" --format '{{.State.Pid}}'); started=$(date -d "$(podman inspect "$c" --format '{{.State.StartedAt.Format "2006-01-02T15:04:05.000Z07:00"}}')" +%s%3N)
  deadline=$(( $(now) + READY_LIMIT * 1000 ))
  while [ "$(now)" -lt $deadline ]; do
    curl -fsk -o /dev/null --max-time 2 "$url" 2>/dev/null && { ready=$(( $(now) - started )); break; }
    [ -d "/proc/$pid" ] || break; sleep 0.02
  done
  if [ -z "$ready" ]; then
    if [ -d "/proc/$pid" ]; then row "$label" "NO: runs, but $url did not answer with success in $READY_LIMIT s"; else row "$label" "NO: ended with code $(podman wait "$c" 2>/dev/null) before it answered"; fi
    podman logs --tail 8 "$c" 2>&1 | cut -c1-160 | sed 's/^/      | /'; podman rm -f -t 0 "$c" >/dev/null 2>&1; return 1
  fi
  if [ -n "$hc" ]; then t=$(now); podman healthcheck run "$c" >"$TMP/hc" 2>&1; hcrc=$?; t=$(( $(now) - t ))
    if [ $hcrc = 0 ]; then hcrc="passes ($t ms)"; else hcrc="FAILS (rc $hcrc, $t ms)"; fi; else hcrc="none"; fi
  st() { awk -v k="$1:" '$1==k{print $2}' "/proc/$pid/status"; }
  ids=$(st Uid):$(st Gid)
  if [ "$main" = main ]; then
    row "start to ready" "$ready ms (process start to the first good answer of $url)"
    row "process 1" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-120)"
    row "uid / gid / CapEff" "$(st Uid) / $(st Gid) / $(st CapEff)"
    local ns n=0 kb=0 p; ns=$(readlink "/proc/$pid/ns/pid")
    for p in /proc/[0-9]*; do [ "$(readlink "$p/ns/pid" 2>/dev/null)" = "$ns" ] && { n=$((n+1)); kb=$(( kb + $(awk '/^Pss:/{print $2}' "$p/smaps_rollup" 2>/dev/null || echo 0) )); }; done
    row "processes / memory" "$n / $kb kB (proportional set size)"
    row "HEALTHCHECK" "$hcrc"; [[ $hcrc = FAILS* ]] && { bad=1; podman inspect "$c" --format '{{range .State.Health.Log}}{{.Output}}{{end}}' 2>/dev/null | tail -5 | sed 's/^/      | /'; }
    s=$(podman diff "$c" 2>/dev/null | grep -vE '^C /(etc|run|var|tmp|proc|dev|sys)?$|/etc/(hosts|hostname|resolv.conf|mtab|group|passwd)$|/run/\.containerenv|^[AC] /run(/secrets)?$|__pycache__' | awk -v w="A $(insp '{{.Config.WorkingDir}}')" '$0!=w' | sort -k2 | awk '{if (p != "" && !(p ~ /^C/ && index($2, substr(p, 3) "/") == 1)) print p; p = $0} END {if (p != "") print p}' | head -6 | tr '\n' ';')
    row "files written" "${s:-none} (without __pycache__)"
    if [ -n "$keep" ]; then row "kept running" "CONTAINERS_CONF=$CONTAINERS_CONF CONTAINERS_STORAGE_CONF=$CONTAINERS_STORAGE_CONF podman rm -f $c"; keepname=$c; return 0; fi
  fi
  t=$(now); podman kill -s TERM "$c" >/dev/null 2>&1; deadline=$(( t + STOP_LIMIT * 1000 ))
  while [ -d "/proc/$pid" ] && [ "$(now)" -lt $deadline ]; do sleep 0.01; done
  if [ -d "/proc/$pid" ]; then stop="SIGTERM did not end it in $STOP_LIMIT s"; podman kill -s KILL "$c" >/dev/null 2>&1; [ "$main" = main ] && bad=1
  else stop="$(( $(now) - t )) ms"; fi
  code=$(podman wait "$c" 2>/dev/null)
  if [ "$main" = main ]; then row "graceful stop (SIGTERM)" "$stop, exit code $code"
  else row "$label" "yes: ready $ready ms, uid:gid $ids, HEALTHCHECK $hcrc, stop $stop, exit $code"; fi
  [ "$main" = main ] && podman logs "$c" >"$DIR/run.log" 2>&1
  podman rm -f -t 0 "$c" >/dev/null 2>&1
}
say "== run (runc, bridge network, 127.0.0.1:$hport -> $cport)"
run_variant "default run" main || bad=1
[ $bad = 0 ] || say "  (default run is not in order)"
if [ -z "$quick$keep" ]; then
  say "== the same image, restricted"
  run_variant "read-only root" '' --read-only --read-only-tmpfs=false \
    || run_variant "read-only root + /tmp" '' --read-only --read-only-tmpfs=false --tmpfs /tmp
  run_variant "no capabilities" '' --cap-drop=all --security-opt=no-new-privileges
  run_variant "arbitrary uid, gid 0" '' --user 54321:0
  run_variant "arbitrary uid and gid" '' --user 54321:54321
  run_variant "all of these + /tmp" '' --read-only --read-only-tmpfs=false --tmpfs /tmp --cap-drop=all --security-opt=no-new-privileges --user 54321:54321
fi
if [ $bad = 0 ]; then say "RESULT: ok"; else say "RESULT: NOT ok"; fi
exit $bad
