/** What was begun for a dialog that has gone meanwhile. Pure. */

/** Give what has begun; null once nobody waits for it any more, and then it is ended at once. */
export async function kept<T>(
  beginning: Promise<T>,
  isGone: () => boolean,
  end: (begun: T) => Promise<unknown>,
): Promise<T | null> {
  const begun = await beginning;
  if (!isGone()) return begun;
  await end(begun);
  return null;
}
