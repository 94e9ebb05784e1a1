/** Longest target of a link: no file system takes a longer one. */
export const MAX_LINK_BYTES = 65_536;
/** Longest path of a member: the longest in a snapshot, and the directory before it. */
export const MAX_MEMBER_PATH_BYTES = 8192;
/** Longest pax header: a path and a target. */
export const MAX_PAX_BYTES = 128 * 1024;
