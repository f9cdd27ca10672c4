import { all, state } from "./dom";

// guard asks before a page with unsent words is left by mistake. Quick exit and sending never ask.
export function guard(): void {
  let dirty = false;
  for (const form of all<HTMLFormElement>("form[data-guard]")) {
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) dirty = false;
    });
  }
  addEventListener("beforeunload", (event) => {
    if (dirty && !state.leaving) event.preventDefault();
  });
  // One press sends once; a page that comes back is ready again.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target as HTMLFormElement;
    setTimeout(() => {
      for (const b of all<HTMLButtonElement>("button[type=submit]", form)) b.disabled = true;
    });
    setTimeout(() => {
      for (const b of all<HTMLButtonElement>("button[type=submit]", form)) b.disabled = false;
    }, 8000);
  });
}
