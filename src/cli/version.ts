/** The version of the package. Here, not read from its file: that would cost every command a read. */
export const VERSION = '0.1.0';
