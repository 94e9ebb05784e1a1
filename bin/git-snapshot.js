#!/usr/bin/env node
require('../dist/cli/base.cjs').runIn('git-snapshot', process);
