# The list of checks.
check:
    bash .ci/run
