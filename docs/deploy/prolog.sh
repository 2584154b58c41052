#!/usr/bin/env bash
# Slurm's TaskProlog: lines that begin with `export` are the task's environment. All tasks of a job write one run on storage that they share.
# TaskProlog=/etc/slurm/prolog.sh in slurm.conf
echo "export ESPER_RUNS=${ESPER_RUNS:-/data/runs/$SLURM_JOB_USER}"
echo "export ESPER_RUN_ID=slurm-$SLURM_JOB_ID"
