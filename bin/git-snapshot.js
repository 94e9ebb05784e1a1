#!/usr/bin/env node
require('../dist/start/start.cjs').start('git-snapshot', process);
