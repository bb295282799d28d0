# The commands for people. Each installs what it needs first (.ci/install says what).
.PHONY: help run test check bench bench-couchdb soak deb screenshots

help:
	@echo 'make run     build Backstay and open its window; without a screen: tell the whole story in the terminal'
	@echo 'make test    install what is missing, lint, and run every test'
	@echo 'make check   lints, tidy rules, documentation, licences and known vulnerabilities of dependencies'
	@echo 'make bench   measure against restic and borg (an hour, 20 GB of disk); BENCH="--scale 10" for less'
	@echo 'make bench-couchdb  measure CouchDB backups against couchbackup'
	@echo 'make deb     package the app and the command line program: target/deb/*.deb'
	@echo 'make screenshots  every screen of the window, in light and dark: target/screenshots/'
	@echo 'make soak    the long versions of the fault tests (hours)'

# The sample lives in target/sample, with a state directory and a file of secrets of its own: the person's Backstay is not touched.
run: export BACKSTAY_HOME = $(CURDIR)/target/sample
run: export BACKSTAY_SECRETS = file
run: export BACKSTAY_SECRETS_KEY_FILE = $(CURDIR)/target/sample.key
run:
	@.ci/install build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		.ci/ui build && cargo build --release --locked --package backstay-cli --package backstay-app && \
		built=$${CARGO_TARGET_DIR:-target}/release && \
		{ [ -d target/sample/sample ] || $$built/backstay sample create; } && \
		$$built/backstay-desktop; \
	else \
		echo 'There is no screen (DISPLAY is not set): the story in the terminal instead.' && \
		cargo run --release --locked --package backstay-cli -- demo; \
	fi

deb:
	@.ci/install build
	@.ci/deb

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

bench-couchdb:
	@.ci/install bench
	cargo build --release --locked --package backstay-cli --package xtask --package backstay-couchdb-standin --bins
	cargo xtask bench couchdb $(BENCH)

screenshots:
	@.ci/install test
	@.ci/ui build
	cargo build --locked --package backstay-cli --package backstay-app
	cargo run --locked --quiet --package backstay-tests --example screenshots

soak:
	@.ci/install test
	BACKSTAY_SOAK=1 cargo nextest run --workspace --locked --profile soak
