#!/usr/bin/env node
require('../dist/cli/main.cjs').runIn('git-snapshot', process);
