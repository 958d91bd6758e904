# make run: the assistant of the sample county, in this terminal and as a web page.   make test: everything tested.
# Needs Python 3.11 or newer and make; all else goes into .venv from requirements.lock, checked by hash.

SHELL := /bin/sh
HOME_OF_STATE := $(or $(LAOXIANG_HOME),.laoxiang)
COUNTY := $(or $(LAOXIANG_COUNTY),samples/county.toml)
BIN := .venv/bin
READY := .venv/ready
INDEXED := $(HOME_OF_STATE)/samples.indexed
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test lint lock bench setup clean

help:
	@echo "make run    talk to the assistant of the sample county   与示例县助手对话"
	@echo "make test   set up and run every test                    安装并运行全部测试"
	@echo "make lint   style, types, import contracts               代码检查"
	@echo "make bench  benchmarks on the sample county               性能测量"
	@echo "make lock   renew requirements.lock                      更新依赖锁"
	@echo "make clean  remove .venv and the sample state            清理"

run: $(INDEXED)
	@LAOXIANG_HOME="$(HOME_OF_STATE)" LAOXIANG_COUNTY="$(COUNTY)" $(BIN)/laoxiang chat --page

test: $(READY)
	@$(BIN)/python -m pytest -n auto

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY) $(INDEXED)
	@$(BIN)/python -m benchmarks.latency
	@$(BIN)/python -m benchmarks.updates
	@$(BIN)/python -m benchmarks.reading

setup: $(READY)

# Sub-makes would ask for confirmation of every file in samples/; one stamp newer than all of them is enough.
$(INDEXED): $(READY) samples/county.toml samples/slots.toml samples/documents samples/documents/*
	@mkdir -p "$(HOME_OF_STATE)"
	@LAOXIANG_HOME="$(HOME_OF_STATE)" LAOXIANG_COUNTY="$(COUNTY)" $(BIN)/laoxiang index samples/documents
	@LAOXIANG_HOME="$(HOME_OF_STATE)" LAOXIANG_COUNTY="$(COUNTY)" $(BIN)/laoxiang slots load samples/slots.toml
	@touch $@

$(READY): requirements.lock pyproject.toml
	@sh .ci/setup
	@touch $@

lock: $(READY)
	@$(BIN)/uv pip compile -q --system-certs --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --all-extras pyproject.toml -o requirements.lock
	@! grep -nE '(https?|file)://' requirements.lock

clean:
	@rm -rf .venv .laoxiang
