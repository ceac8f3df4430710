/** Starts the console. */
