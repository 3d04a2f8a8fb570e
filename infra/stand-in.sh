#!/bin/sh
# Stands in for a function's package where scripts/dev deploys the template: there, functions run in
# the `local` process. Whoever invokes the deployed one is told.
echo "this function runs in the local process of scripts/dev, not in the local cloud" >&2
exit 1
