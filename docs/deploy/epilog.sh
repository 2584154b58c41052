#!/usr/bin/env bash
# Slurm's Epilog, as root on the node: keeps the verdict of the job's run beside it. It never fails: an epilog that does drains the node.
# Epilog=/etc/slurm/epilog.sh in slurm.conf
runs=/data/runs/$SLURM_JOB_USER
run=$runs/slurm-$SLURM_JOB_ID
if [ -d "$run" ] && command -v esper >/dev/null; then
  # shellcheck disable=SC2016 # expanded by the inner shell, which writes as the user
  runuser -u "$SLURM_JOB_USER" -- sh -c 'timeout 60 esper report "$2" --runs "$1" --json >"$2/report.json"' sh "$runs" "$run" 2>/dev/null
fi
exit 0
