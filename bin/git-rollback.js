#!/usr/bin/env node
require('../dist/cli/base.cjs').runIn('git-rollback', process);
