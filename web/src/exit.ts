import { all, one, state, veil } from "./dom";

// Quick exit: cover first, then end the session on the server, then put a neutral page in this page's place. Back then finds a page that the
// ended session can no longer read. The button works without script too; the keys do not.
export function quickExit(): void {
  const form = one<HTMLFormElement>("form[data-exit]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(form);
  });

  // Shift three times within 5 seconds. Vietnamese input methods toggle with Ctrl+Shift, so any other key held or pressed starts anew.
  let presses: number[] = [];
  let alone = false;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Shift" && !event.repeat) {
      alone = !event.ctrlKey && !event.altKey && !event.metaKey;
      return;
    }
    alone = false;
    if (event.key !== "Shift") presses = [];
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone || event.ctrlKey || event.altKey || event.metaKey) return;
    alone = false;
    const now = event.timeStamp;
    presses = presses.filter((t) => now - t < 5000);
    presses.push(now);
    if (presses.length >= 3) leave(form);
  });
}

export function leave(form: HTMLFormElement): void {
  if (state.leaving) return;
  state.leaving = true;
  veil(true);
  document.title = form.dataset.title ?? "";
  for (const d of all<HTMLDialogElement>("dialog[open]")) d.close();
  const neutral = form.dataset.neutral ?? "/thoat";
  const go = () => location.replace(neutral);
  // The server's answer changes the cookie, which also keeps the browser from reviving earlier pages; wait for it a moment, not longer.
  fetch(form.action, { method: "POST", keepalive: true, redirect: "manual", credentials: "same-origin" }).then(go, () => {
    navigator.sendBeacon(form.action);
    go();
  });
  setTimeout(go, 700);
}
