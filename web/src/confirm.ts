import { one } from "./dom";

// confirmSteps asks again before a step that cannot be taken back (data-confirm on a form, a button or a link), in the words of that step.
export function confirmSteps(): void {
  const dialog = one<HTMLDialogElement>("#confirm");
  const text = one<HTMLElement>("#confirm-text");
  if (!dialog || !text || !dialog.showModal) return;
  let go: (() => void) | null = null;
  let passed: EventTarget | null = null;

  const ask = (words: string, then: () => void) => {
    text.textContent = words;
    go = then;
    dialog.returnValue = "";
    dialog.showModal();
  };
  dialog.addEventListener("close", () => {
    const then = go;
    go = null;
    if (dialog.returnValue === "go") then?.();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (passed === form) {
      passed = null;
      return;
    }
    const button = event.submitter;
    const words = button?.getAttribute("data-confirm") ?? form.dataset.confirm;
    if (!words) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(words, () => {
      passed = form;
      form.requestSubmit(button);
    });
  }, true);

  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-confirm]");
    if (!link) return;
    event.preventDefault();
    ask(link.dataset.confirm ?? "", () => { location.href = link.href; });
  });
}
