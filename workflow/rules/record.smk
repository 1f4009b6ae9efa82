"""Records the run for those who watch it from another terminal (`make watch`)."""

from proofread.monitor.record import record

record(workflow)
