# Every target that needs the virtual environment makes it first.

VENV := .venv
COLAB := .venv-colab
PY := $(VENV)/bin/python
ifeq ($(OS),Windows_NT)
PY := $(VENV)/Scripts/python.exe
endif

.PHONY: help setup run lab quick test test-slow test-browser test-colab check-notebooks notebooks spread reader bench sizes site zip lock publish clean

help: ## list what there is (this)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / \
	    { printf "%-15s  %s\n", $$1, $$2 }' Makefile

# The copy of the lock inside .venv is written last, so a set-up that was
# interrupted is begun anew, and one that is whole and current is kept. The
# list of fonts is made here, or the first notebook might say so in red.
# PYTHON=/path/to/python chooses the interpreter.
setup: ## make .venv and install the locked requirements
	@if cmp -s requirements.txt $(VENV)/requirements.txt \
	    && $(PY) -c 'import numpy, pytest' 2>/dev/null; then exit 0; fi; \
	stop() { rm -rf $$made; echo "Set-up stopped: $$1" >&2; exit 1; }; \
	python=""; made=""; \
	if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; \
	else set -- python3 python3.13 python3.12 python3.11 python; fi; \
	for name in "$$@"; do \
	    "$$name" -c 'import sys; v = sys.version_info[:2]; \
	sys.exit(not (3, 11) <= v <= (3, 13))' 2>/dev/null \
	        && { python="$$name"; break; }; \
	done; \
	[ -n "$$python" ] || stop "it needs Python 3.11, 3.12 or 3.13\
	 (tried: $$*). Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; \
	free=$$(df -Pk . | awk 'NR == 2 { print $$4 }'); \
	[ "$$free" -ge 3000000 ] || stop "the disk is nearly full:\
	 $$((free / 1024)) MB are free here, and it needs 3000 MB."; \
	echo "Setting up $(VENV) with $$python (some minutes, once) ..."; \
	trap 'stop "interrupted; the same command begins it anew."' INT TERM; \
	made="$(VENV)"; "$$python" -m venv --clear $(VENV) >.venv.log 2>&1 \
	    || { grep -q ensurepip .venv.log || tail -n 1 .venv.log >&2; stop "$$python cannot make a virtual\
	 environment. On Debian and Ubuntu: apt install python3-venv"; }; \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-input \
	    --retries 2 --only-binary :all: --require-hashes \
	    -r requirements.txt >.venv.log 2>&1 || { \
	    if grep -qi 'no space left' .venv.log; then \
	        stop "the disk is full; make 3000 MB free and try again."; \
	    elif grep -qiE 'connection|timed out|name resolution|proxy' .venv.log; \
	    then stop "the packages could not be downloaded. Check the network\
	 and try again; .venv.log has the details."; \
	    elif grep -qi 'no matching distribution' .venv.log; then \
	        stop "a package is not made for this machine (TensorFlow\
	 needs a 64-bit Linux or Windows, or a Mac with Apple silicon)."; \
	    else tail -n 3 .venv.log >&2; \
	        stop "the packages could not be installed; see .venv.log."; \
	    fi; }; \
	$(PY) -c 'import matplotlib.font_manager' 2>/dev/null; \
	cp requirements.txt $(VENV)/requirements.txt || stop "the disk is full."; \
	rm -f .venv.log

run: setup ## run the three lessons headless, into results/
	$(PY) mnist_digit_recognizer.py

lab: setup ## open the notebooks in JupyterLab
	$(PY) -m jupyter lab notebooks

quick: setup ## every test that starts no kernel and trains nothing
	$(PY) -m pytest tests -m "not long and not slow and not browser"

test: setup ## the unit tests, and nbval on the three notebooks
	$(PY) -m pytest

test-slow: setup ## plant slow faults; run cells of slow notebooks twice
	$(PY) -m pytest tests -m slow

test-browser: setup ## draw on the pad in a real JupyterLab, in Chromium
	$(PY) -m pip install --quiet --disable-pip-version-check \
	    --only-binary :all: --require-hashes -r tests/browser/requirements.txt
	$(PY) -m pytest tests -m browser -rs

# As in `setup`, the copy of the list is written last. It needs Python 3.13;
# PYTHON=/path/to/python3.13 names one.
test-colab: ## execute the notebooks with the packages of Google Colab
	cmp -s tests/tools/colab.txt $(COLAB)/colab.txt || { \
	    $${PYTHON:-python3.13} -m venv --clear $(COLAB) \
	    && $(COLAB)/bin/python -m pip install --quiet -r tests/tools/colab.txt \
	    && $(COLAB)/bin/python -c 'import matplotlib.font_manager' \
	    && cp tests/tools/colab.txt $(COLAB)/colab.txt; }
	$(COLAB)/bin/python -m pytest notebooks tests/notebooks/test_set_up.py

check-notebooks: setup ## the form, prose and links of the notebooks, unexecuted
	$(PY) -m pytest tests/notebooks -m "not long and not slow"

notebooks: setup ## execute the notebooks again and store their outputs
	$(PY) -m tests.tools.refresh

spread: setup ## measure how far trained numbers move (about an hour)
	$(PY) -m tests.tools.refresh --spread

reader: setup ## train what comes along: the reader, the small recogniser
	$(PY) -m helpers.handwriting.reader_training fine
	$(PY) -m helpers.handwriting.reader_training wide
	$(PY) -m helpers.handwriting.recogniser_training

bench: setup ## measure speed, reading and training (two hours)
	$(PY) -m tests.bench.bench_augmentation
	$(PY) -m tests.bench.bench_handwriting
	$(PY) -m tests.bench.bench_reader
	$(PY) -m tests.bench.bench_training

sizes: setup ## count the lines that the project may have
	$(PY) -m tests.tools.sizes

site: setup ## build web pages to read, into results/site
	$(PY) -m nbconvert --to html --template classic --embed-images \
	    --output-dir results/site notebooks/*.ipynb
	sed -i.old 's/\(href="[0-9][a-z_0-9]*\)\.ipynb/\1.html/g' results/site/*.html
	rm results/site/*.old

zip: ## write the last commit as GitHub's ZIP file, into results/
	mkdir -p results
	git archive --prefix=mnist-digit-recognizer/ \
	    -o results/mnist-digit-recognizer.zip HEAD

lock: ## compile both requirements.txt anew (needs uv)
	uv pip compile --universal --generate-hashes --fork-strategy fewest \
	    --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --python-version 3.11 \
	    --constraints requirements.txt tests/browser/requirements.in \
	    -o tests/browser/requirements.txt

publish: setup ## write where the project is published: REPO=owner/name
	$(PY) -m tests.tools.publish $(REPO)

clean: ## remove .venv, .venv-colab and the results
	rm -rf $(VENV) $(COLAB) .venv.log results
