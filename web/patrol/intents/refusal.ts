/** Breaks a circle: whoever hears a 401 asks for a look at who this phone is. */

let look = (): void => {};

export function lookAgain(): void {
  look();
}

export function onRefusal(listener: () => void): void {
  look = listener;
}
