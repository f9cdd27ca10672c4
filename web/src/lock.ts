import { one, state, veil } from "./dom";

// The lock: an untouched screen covers itself, warns one minute before, loses nothing, and opens again with the password. The clock is the
// wall clock, asked every second, so that a laptop which slept wakes up locked; it runs without network.
export function lock(): void {
  const seconds = Number(document.body.dataset.lock);
  const dialog = one<HTMLDialogElement>("#lock");
  hideOnLeave();
  if (!seconds || !dialog || !dialog.showModal) return;

  const warning = one<HTMLElement>("[data-lock-warning]");
  const form = one<HTMLFormElement>("form[data-unlock]", dialog);
  const input = one<HTMLInputElement>("input[type=password]", dialog);
  const problem = one<HTMLElement>("#lock-problem", dialog);
  let touched = Date.now();
  let locked = false;
  let before: Element | null = null;

  const touch = () => {
    if (locked) return;
    touched = Date.now();
    if (warning) warning.textContent = "";
  };
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, touch, { passive: true, capture: true });
  }

  const close = () => {
    if (locked || state.leaving) return;
    locked = true;
    before = document.activeElement;
    if (warning) warning.textContent = "";
    one<HTMLDialogElement>("#confirm[open]")?.close();
    document.documentElement.classList.add("locked");
    dialog.showModal();
    input?.focus();
    fetch(dialog.dataset.lockPath ?? "/khoa", { method: "POST", keepalive: true, redirect: "manual", credentials: "same-origin" }).catch(() => undefined);
  };

  setInterval(() => {
    const idle = (Date.now() - touched) / 1000;
    if (idle >= seconds) close();
    else if (!locked && idle >= seconds - 60 && warning && warning.textContent === "") warning.textContent = warning.dataset.text ?? "";
  }, 1000);

  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (locked && event.key === "Escape") event.preventDefault();
  }, true);

  // "Khóa màn hình" in the menu covers in place when a script is there, so that a half-filled form survives.
  one<HTMLFormElement>("form[data-locknow]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    close();
  });

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!input || !problem) return;
    problem.textContent = "";
    try {
      // A right password is answered by a redirect, which we need not follow; a wrong one by the locked page again.
      const answer = await fetch(form.action, {
        method: "POST",
        redirect: "manual",
        credentials: "same-origin",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ password: input.value, back: location.pathname }).toString(),
      });
      input.value = "";
      if (answer.type !== "opaqueredirect" && answer.status !== 204) {
        problem.textContent = problem.dataset.wrong ?? "";
        input.focus();
        return;
      }
    } catch {
      problem.textContent = problem.dataset.offline ?? "";
      return;
    }
    locked = false;
    touched = Date.now();
    document.documentElement.classList.remove("locked");
    dialog.close();
    if (before instanceof HTMLElement) before.focus();
  });
}

// A page that is left is covered before it goes, so that neither a snapshot nor the back button shows it; one that is brought back from the
// browser's cache asks the server again.
function hideOnLeave(): void {
  if (!document.body.dataset.lock) return;
  document.addEventListener("visibilitychange", () => veil(document.hidden || state.leaving));
  addEventListener("pagehide", () => veil(true));
  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      veil(true);
      location.reload();
    } else if (!state.leaving) veil(false);
  });
}
