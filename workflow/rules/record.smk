"""Records the run for those who watch it from another terminal (`make watch`).

And tells its jobs with which process they are to end.
"""

from proofread.main_process import announce
from proofread.monitor.record import record

if workflow.is_main_process:
    announce()
record(workflow)
