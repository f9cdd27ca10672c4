// one finds an element that the page promises to have, or null where it does not apply.
export function one<T extends Element>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

export function all<T extends Element>(selector: string, root: ParentNode = document): T[] {
  return Array.from(root.querySelectorAll<T>(selector));
}

// veil hides everything on the page at once; what is typed stays where it is.
export function veil(on: boolean): void {
  document.documentElement.classList.toggle("veiled", on);
}

// leaving is true once the person has asked to go: nothing may then hold the page back.
export const state = { leaving: false };
