import { one } from "./dom";

// confirmSteps asks again before a step that cannot be taken back (data-confirm on a form, a button or a link), in the words of that step: the
// dialog's button says what the pressed button said (or data-go), never "OK".
export function confirmSteps(): void {
  const dialog = one<HTMLDialogElement>("#confirm");
  const text = one<HTMLElement>("#confirm-text");
  const yes = one<HTMLElement>("button[value=go]", dialog ?? document);
  const keep = one<HTMLElement>("button[value=keep]", dialog ?? document);
  if (!dialog || !text || !yes || !keep || !dialog.showModal) return;
  const said = { go: yes.textContent, keep: keep.textContent };
  let go: (() => void) | null = null;
  let passed: EventTarget | null = null;

  const ask = (words: string, from: HTMLElement | null, then: () => void) => {
    text.textContent = words;
    yes.textContent = from?.dataset.go ?? (from instanceof HTMLButtonElement ? from.textContent : said.go);
    keep.textContent = from?.dataset.keep ?? said.keep;
    go = then;
    dialog.returnValue = "";
    dialog.showModal();
  };
  dialog.addEventListener("close", () => {
    if (dialog.open) return; // asked anew before the last closing was told
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
    ask(words, button, () => {
      passed = form;
      form.requestSubmit(button);
    });
  }, true);

  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-confirm]");
    if (!link) return;
    event.preventDefault();
    ask(link.dataset.confirm ?? "", link, () => { location.href = link.href; });
  });
}
