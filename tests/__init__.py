"""The tests: unit, contract, integration, resilience, e2e and golden pages; `invariants` holds the promises."""
