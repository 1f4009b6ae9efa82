# Needs a Python 3 to start with; everything else goes into this folder.
# GNU make 3.81, which macOS has, is enough.

PYTHON3 = python3
BIN = .venv/bin
SNAKEFILES = Snakefile workflow
SLURM_SECONDS = 1800

export GPU

# Snakemake stops before it reads anything if a user has neither a home nor a name.
HOME ?= $(CURDIR)/.snakemake/home
export HOME

.PHONY: all env watch test test-browser test-slow test-slurm accept bench files lock clean help
.DEFAULT_GOAL = all

# The logger is a plugin beside the library; it writes one line for each finished job.
all: env
	PYTHONPATH=workflow/scripts $(BIN)/snakemake --logger proofread --cores all \
	    $(if $(CONFIG),--configfile $(CONFIG))

env:
	@$(PYTHON3) tools/bootstrap.py

# In another terminal, beside a run of this folder or of DIRECTORY. Its status tells how
# the run ended (up to 3), which is no failure of make.
watch:
	@PYTHONPATH=workflow/scripts $(BIN)/python -m proofread.monitor \
	    $(if $(DIRECTORY),--directory "$(DIRECTORY)") || test $$? -le 3

# A file's tests stay on one core (loadfile): a workflow that they share runs once.
# The integration tests are the longest and the first by name.
test: env
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check $(SNAKEFILES)
	$(BIN)/snakemake --lint
	PYTHONPATH=workflow/scripts $(BIN)/lint-imports --no-cache
	$(BIN)/pytest -m "not slow and not slurm" -n auto --dist loadfile --no-loadscope-reorder

# The page in a browser, which is Debian's where there is none. Without one the tests of
# make test are skipped; here they fail. Pictures of the page: tests/screenshots/.
test-browser: env
	command -v chromium > /dev/null || { apt-get update && apt-get install --yes chromium; }
	PROOFREAD_BROWSER=required $(BIN)/pytest tests/test_browser.py

# Whole workflows, one after the other: each takes all cores.
test-slow: env
	$(BIN)/pytest -m slow

# On a private cluster of this machine (Debian, as root), which is always taken down. An
# interrupt after half an hour: a run that hangs heeds no other signal. In the foreground
# Ctrl-C reaches the tests.
test-slurm: env
	tests/slurm/cluster.sh install
	trap "tests/slurm/cluster.sh down" EXIT; \
	    timeout --foreground --signal=INT --kill-after=60 $(SLURM_SECONDS) \
	    $(BIN)/pytest -m slurm

accept: env
	$(BIN)/python tools/accept.py

bench: env
	$(BIN)/python tools/bench.py

# What a module on a Git host fetches besides its rules.
files: env
	$(BIN)/python tools/remote_files.py

# CUDA's packages are left out: the lock serves machines with and without a GPU, and
# the GPU build of torch brings its own. So are the lines for other Pythons. What the
# lock pins already stays as it is where it can.
lock: env
	cp requirements.txt .lock
	UV_CACHE_DIR=.tools/cache .tools/uv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	    --no-annotate --no-header --no-emit-find-links requirements.in -o .lock > /dev/null
	grep -vE "^(cuda|nvidia|triton)|>= '3.12'" .lock > requirements.txt
	rm .lock

clean:
	rm -rf logs benchmarks .snakemake .test/results .test/logs .test/benchmarks .test/.snakemake
	find results -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +

help:
	@echo "make          the environment, the default configuration, results/report.html"
	@echo "              CONFIG=config/pu1.yaml runs another configuration"
	@echo "make watch    in another terminal: the jobs of a run that are done, running or failed,"
	@echo "              and the time left; DIRECTORY=../project of a run in another folder"
	@echo "make test     format, lint and all but the slow tests; pytest's summary is the last line"
	@echo "make test-browser  the page in Chromium, with pictures of it in tests/screenshots/"
	@echo "make test-slow  whole workflows: one core, a module, GitHub, snakedeploy, own data, studies"
	@echo "make test-slurm  through a private SLURM cluster on this machine (Debian, as root)"
	@echo "make accept   the acceptance run on real data (tools/accept.py)"
	@echo "make bench    the speed of each stage (tools/bench.py)"
	@echo "make env      the environment alone: .venv, from requirements.txt"
	@echo "make files    workflow/files.txt anew: after a file of workflow/ came or went"
	@echo "make lock     requirements.txt anew, from requirements.in"
	@echo "make clean    remove results, logs, benchmarks and .snakemake; keep .venv"
	@echo
	@echo "GPU=1         with any of these: torch's GPU build"
