#!/usr/bin/env bash
# A private SLURM cluster on this one machine, for tests.
#
#   cluster.sh install  install SLURM and munge, where they are missing (Debian, Ubuntu)
#   cluster.sh up       start it and wait until its nodes are idle
#   cluster.sh pause    stop its controller alone: jobs go on, and SLURM does not answer
#   cluster.sh unpause  start the controller again
#   cluster.sh down     cancel its jobs and stop the daemons that `up` started
#   cluster.sh status   nodes, queue, daemons
#
# It needs root, but neither systemd nor cgroups, and leaves the machine's own state
# alone: key, sockets, configuration and logs are in one folder, and all ports are on
# loopback. `up` and `down` may be called twice. Read when the cluster starts:
#   SLURM_LOCAL_DIR    that folder                 (default /var/lib/slurm-local)
#   SLURM_LOCAL_NODES  number of nodes             (default 2)
#   SLURM_LOCAL_CPUS   CPUs that a node claims     (default 4)
#   SLURM_LOCAL_MEM    MB that a node claims       (default 16000)
#   SLURM_LOCAL_PORT   the first of its ports      (default 26800)
#   SLURM_LOCAL_ACCOUNTING  1: with an accounting database, empty; accounts `other`, the
#                      default, and `lab`, quality of service `standby`, the default, and
#                      `normal`                    (default 0)
# The nodes may claim more than the machine has: jobs of tests use little of it.
set -euo pipefail

D=${SLURM_LOCAL_DIR:-/var/lib/slurm-local}
NODES=${SLURM_LOCAL_NODES:-2}
CPUS=${SLURM_LOCAL_CPUS:-4}
MEM=${SLURM_LOCAL_MEM:-16000}
PORT=${SLURM_LOCAL_PORT:-26800}
ACCOUNTING=${SLURM_LOCAL_ACCOUNTING:-0}
HOST=$(hostname -s)
ETC=/etc/slurm/slurm.conf # where SLURM looks without SLURM_CONF; see link_config
export SLURM_CONF=$D/slurm.conf

say() { echo "cluster.sh: $*"; }
die() { echo "cluster.sh: ERROR: $*" >&2; exit 1; }
need_root() { ((EUID == 0)) || die "run as root: SLURM's daemons start jobs of any user"; }

# alive NAME: is the daemon whose pid is in run/NAME.pid running, and is it ours?
# An old pid may by now be another program's, so the names are compared. A zombie,
# left where pid 1 reaps nothing, counts as gone.
alive() {
    local pid
    pid=$(cat "$D/run/$1.pid" 2>/dev/null) || return 1
    [[ $(awk '/^Name:|^State:/ {printf "%s ", $2}' "/proc/$pid/status" 2>/dev/null) =~ ^"${1%%.*} "[^Z] ]]
}

# stop NAME: TERM, then KILL after 15 s
stop() {
    alive "$1" || { rm -f "$D/run/$1.pid"; return 0; }
    local pid; pid=$(cat "$D/run/$1.pid")
    kill "$pid" 2>/dev/null || true
    for _ in {1..75}; do alive "$1" || break; sleep 0.2; done
    if alive "$1"; then kill -9 "$pid" 2>/dev/null || true; fi
    rm -f "$D/run/$1.pid"
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
    local n=$(($1 * 5)) what=$2; shift 2
    while ! "$@" >/dev/null 2>&1; do
        ((n-- > 0)) || die "$what did not come up; look in $D/log"
        sleep 0.2
    done
}

install() {
    if command -v slurmctld && command -v munged && command -v slurmdbd && command -v mariadbd
    then return 0; fi >/dev/null
    local packages="munge slurm-wlm slurmdbd mariadb-server"
    command -v apt-get >/dev/null || die "install SLURM, munge and MariaDB: there is no apt-get"
    ((EUID == 0)) || die "SLURM, munge or MariaDB is missing: as root, apt-get install $packages"
    say "installing $packages"
    mkdir -p "$D/log"
    # With systemd Debian would start daemons of its own: forbidden, for this install only.
    local policy=/usr/sbin/policy-rc.d ours=0 rc=0
    if [[ ! -e $policy ]]; then printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; ours=1; fi
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } \
        >"$D/log/apt.log" 2>&1 || rc=$?
    ((ours)) && rm -f $policy
    ((rc == 0)) || { tail -5 "$D/log/apt.log" >&2; die "apt-get failed"; }
}

write_config() {
    local i
    {
        cat <<CONF
ClusterName=local
SlurmctldHost=$HOST(127.0.0.1)
SlurmctldPort=$PORT
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$D/run/munge.socket
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool/%n
SlurmctldPidFile=$D/run/slurmctld.pid
SlurmdPidFile=$D/run/slurmd.%n.pid
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/slurmd.%n.log

# No cgroups: processes are tracked by parentage and bound to nothing. Memory is looked
# at every second, and a job above its --mem is ended.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,UsePss

# CPUs and memory are both consumed, so jobs queue as on a real cluster.
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
SlurmdParameters=config_overrides

# Quick reactions for tests. MinJobAge is how long squeue shows jobs that ended, the
# record that tests read.
SchedulerParameters=batch_sched_delay=0,sched_interval=5,bf_interval=5
MinJobAge=7200
KillWait=5
ReturnToService=2
SlurmctldTimeout=60
SlurmdTimeout=60

CONF
        if ((ACCOUNTING)); then
            cat <<CONF
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((PORT + 99))
AccountingStorageUser=root
AccountingStoragePass=$D/run/munge.socket
AccountingStorageEnforce=associations,qos

CONF
        fi
        for ((i = 1; i <= NODES; i++)); do
            # The last node has a pretended GPU.
            echo "NodeName=n$i NodeHostname=$HOST NodeAddr=127.0.0.1 Port=$((PORT + i))" \
                "CPUs=$CPUS RealMemory=$MEM State=UNKNOWN$( ((i == NODES)) && echo ' Gres=gpu:1' || true)"
        done
        echo "PartitionName=main Nodes=n[1-$NODES] Default=YES MaxTime=1-00:00:00 DefaultTime=10 DefMemPerCPU=500"
        echo "PartitionName=gpu Nodes=n$NODES MaxTime=1-00:00:00 DefaultTime=10 DefMemPerCPU=500"
    } >"$D/slurm.conf"
    echo "NodeName=n$NODES Name=gpu File=/dev/null" >"$D/gres.conf"
}

# Snakemake's plugin drops SLURM_CONF from a job's environment before its srun, so the
# configuration must also be found at the default place.
link_config() {
    [[ -L $ETC && $(readlink "$ETC") == "$D/slurm.conf" ]] && return 0
    [[ ! -e $ETC && ! -L $ETC ]] || die "$ETC is there already: this machine belongs to a cluster"
    mkdir -p "${ETC%/*}"; ln -s "$D/slurm.conf" "$ETC"
}

start_munged() {
    alive munged && return 0
    [[ -s $D/munge.key ]] || (umask 077; head -c 128 /dev/urandom >"$D/munge.key")
    munged --key-file="$D/munge.key" --socket="$D/run/munge.socket" --pid-file="$D/run/munged.pid" \
        --log-file="$D/log/munged.log" --seed-file="$D/munge.seed"
    wait_for 10 munged munge -n --socket="$D/run/munge.socket"
}

start_accounting() { # MariaDB on a socket of its own, then slurmdbd
    local socket=$D/run/mariadbd.sock
    local database=(mariadb --no-defaults --socket="$socket" --user=root)
    if [[ ! -d $D/mysql/mysql ]]; then
        mariadb-install-db --no-defaults --user=root --datadir="$D/mysql" \
            --auth-root-authentication-method=socket >"$D/log/mariadb-install.log" 2>&1
    fi
    setsid mariadbd --no-defaults --user=root --datadir="$D/mysql" --socket="$socket" \
        --skip-networking --pid-file="$D/run/mariadbd.pid" --innodb-lock-wait-timeout=900 \
        </dev/null >"$D/log/mariadbd.log" 2>&1 &
    wait_for 60 mariadbd "${database[@]}" -e 'SELECT 1'
    # Ids of jobs begin at 1 again: nothing of a cluster before may be left.
    "${database[@]}" -e 'DROP DATABASE IF EXISTS slurm_acct_db; CREATE DATABASE slurm_acct_db'
    (umask 077; cat >"$D/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$D/run/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$((PORT + 99))
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
PidFile=$D/run/slurmdbd.pid
LogFile=$D/log/slurmdbd.log
CONF
    )
    # The client library finds the socket by this variable.
    SLURM_CONF=$D/slurmdbd.conf MYSQL_UNIX_PORT=$socket slurmdbd
    wait_for 60 slurmdbd sacctmgr -n list cluster
    local account
    {
        sacctmgr -i add cluster local
        sacctmgr -i add qos standby
        for account in other lab; do
            sacctmgr -i add account $account Description=test Organization=test
            sacctmgr -i add user root Account=$account
        done
        sacctmgr -i modify user root set DefaultAccount=other QOS=normal,standby \
            DefaultQOS=standby
    } >"$D/log/sacctmgr.log" 2>&1 || die "accounts were not made; look in $D/log/sacctmgr.log"
}

start_controller() {
    alive slurmctld || slurmctld -f "$SLURM_CONF"
    wait_for 30 slurmctld scontrol ping
}

pause() {
    need_root
    stop slurmctld
}

unpause() {
    need_root
    start_controller
}

nodes_ready() { # every node is up, answers and takes jobs
    [[ $(sinfo -hN -p main -o '%N %t' | grep -cE ' (idle|mix|alloc)$') == "$NODES" ]]
}

up() {
    need_root
    install
    umask 022
    mkdir -p "$D"/{run,log,state,spool}
    local i
    if alive slurmctld; then
        say "it runs already, as it was started"
        NODES=$(grep -c ^NodeName "$D/slurm.conf")
    else
        write_config
        rm -rf "$D/state"/* # no jobs of a cluster before
    fi
    link_config
    start_munged
    if ((ACCOUNTING)) && ! alive slurmdbd; then start_accounting; fi
    start_controller
    for ((i = 1; i <= NODES; i++)); do
        mkdir -p "$D/spool/n$i"
        alive "slurmd.n$i" || slurmd -f "$SLURM_CONF" -N "n$i"
    done
    for _ in {1..50}; do nodes_ready && break; sleep 0.2; done
    # Nodes that a hard stop, or a test, left down or drained.
    for i in $(sinfo -hN -p main -o '%N %t' | grep -vE ' (idle|mix|alloc)$' | cut -d' ' -f1); do
        scontrol update NodeName="$i" State=RESUME 2>/dev/null || true
    done
    wait_for 30 "a node" nodes_ready
    say "ready; logs are in $D/log"
}

down() {
    need_root
    local i
    # Without its controller no job can be cancelled.
    if alive slurmd.n1; then start_controller; fi
    if alive slurmctld; then
        scancel --quiet --state=PENDING 2>/dev/null || true
        scancel --quiet --state=RUNNING 2>/dev/null || true
        for _ in {1..100}; do [[ -z $(squeue -h 2>/dev/null) ]] && break; sleep 0.2; done
    fi
    for i in "$D"/run/slurmd.*.pid; do
        [[ -e $i ]] && stop "$(basename "$i" .pid)"
    done
    for i in slurmctld slurmdbd mariadbd munged; do stop "$i"; done
    if [[ -L $ETC && $(readlink "$ETC") == "$D/slurm.conf" ]]; then rm -f "$ETC"; fi
    say "down"
}

status() {
    local f n
    for f in "$D"/run/*.pid; do
        [[ -e $f ]] || die "it does not run"
        n=$(basename "$f" .pid)
        if alive "$n"; then say "$n: pid $(cat "$f")"; else say "$n: dead"; fi
    done
    sinfo -N -l; squeue
}

case ${1:-} in
    install | up | pause | unpause | down | status) "$1" ;;
    *) die "usage: $0 install|up|pause|unpause|down|status" ;;
esac
