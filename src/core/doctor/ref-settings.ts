import { GOVERNED_REFS } from '../refs.ts';

/**
 * Whether a refspec of `git fetch` puts what a remote has in the place of our own governed refs, so that they move before anybody
 * has verified them. What goes to a place of its own does no harm.
 */
export function overwritesGoverned(refspec: string): boolean {
  const [, to = ''] = refspec.replace(/^[+^]/, '').split(':');
  if (to === '' || refspec.startsWith('^')) return false;
  const star = to.indexOf('*');
  const begin = star === -1 ? to : to.slice(0, star);
  return GOVERNED_REFS.some((prefix) =>
    star === -1 ? begin.startsWith(prefix) : begin.startsWith(prefix) || prefix.startsWith(begin),
  );
}

/** Whether a value of `transfer.hideRefs` and its like hides governed refs. One with `!` shows what others hide. */
export function hidesGoverned(value: string): boolean {
  if (value.startsWith('!')) return false;
  const hidden = `${value.replace(/^\^/, '').replace(/\/+$/, '')}/`;
  return GOVERNED_REFS.some((name) => {
    const governed = name.endsWith('/') ? name : `${name}/`;
    return governed.startsWith(hidden) || hidden.startsWith(governed);
  });
}
