/**
 * Makes what looks at the names of objects that mostly have the same ones in the same order: as good as free for an object
 * that has those of the one before.
 *
 * @param accepts whether names may stand, asked where they are others than before. @returns its verdict on an object's names.
 */
export function knownNames(accepts: (names: readonly string[]) => boolean): (of: object) => boolean {
  let known: readonly string[] | null = null;
  const learns = (of: object): boolean => {
    const names = Object.keys(of);
    if (!accepts(names)) return false;
    known = names;
    return true;
  };
  // Without a list of names of its own for each object.
  return (of) => {
    if (known === null) return learns(of);
    let n = 0;
    for (const name in of) if (name !== known[n++]) return learns(of);
    return n === known.length || learns(of);
  };
}
