import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { team, waiting } from './team.ts';

test('where a tag is missing, the log is verified to the end, and the tag is named', async () => {
  const people = await team();
  const { ada, cy, sync } = people;
  await waiting(people);
  await cy.say('approve', 'production');
  sync(cy);
  const ref = 'refs/promotions/artifacts/production/1';
  // Hers was made here, and so is a loose object.
  const tag = ada.git('rev-parse', ref);
  rmSync(join(ada.dir, '.git/objects', tag.slice(0, 2), tag.slice(2)));
  expect(await ada.findings()).toMatch(
    /^missing: 'refs\/promotions\/artifacts\/production\/1': the tag of event \d+ is missing$/,
  );
});
