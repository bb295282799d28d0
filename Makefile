# The commands for people. Each installs what it needs first (.ci/install says what).
.PHONY: help run test check bench soak

help:
	@echo 'make run     build Backstay and tell the whole story on a sample workspace'
	@echo 'make test    install what is missing, lint, and run every test'
	@echo 'make check   lints, tidy rules, documentation, licences and known vulnerabilities of dependencies'
	@echo 'make bench   measure against restic and borg (an hour, 20 GB of disk); BENCH="--scale 10" for less'
	@echo 'make soak    the long versions of the fault tests (hours)'

run:
	@.ci/install build
	cargo run --release --locked --package backstay-cli -- demo

test:
	@.ci/install test
	@.ci/test

check:
	@.ci/install check
	@.ci/check

bench:
	@.ci/install bench
	cargo build --release --locked --package backstay-cli --package xtask --bin backstay --example records
	cargo xtask bench $(BENCH)

soak:
	@.ci/install test
	BACKSTAY_SOAK=1 cargo nextest run --workspace --locked --profile soak
