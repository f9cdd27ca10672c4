import { all, one } from "./dom";

// menus closes an open menu by Escape or a press elsewhere.
export function menus(): void {
  const menu = one<HTMLDetailsElement>("[data-menu]");
  if (!menu) return;
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    one<HTMLElement>("summary", menu)?.focus();
  });
}

// network says in words when the net is gone and when it is back.
export function network(): void {
  const line = one<HTMLElement>("[data-net]");
  if (!line) return;
  addEventListener("offline", () => { line.textContent = line.dataset.offline ?? ""; });
  addEventListener("online", () => {
    line.textContent = line.dataset.online ?? "";
    setTimeout(() => { line.textContent = ""; }, 5000);
  });
}

// openGroups opens the groups of a long form where there is room for all of them.
export function openGroups(): void {
  if (matchMedia("(min-width: 64rem)").matches) for (const d of all<HTMLDetailsElement>("details[data-group]")) d.open = true;
  // A link of the error summary may lead into a closed part.
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('.summary a[href^="#"]');
    if (!link) return;
    event.preventDefault();
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    for (let d = target?.closest("details"); d; d = d.parentElement?.closest("details")) d.open = true;
    target?.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  });
}

// takeFocus moves the focus to the summary of a refused form.
export function takeFocus(): void {
  one<HTMLElement>("[data-focus]")?.focus();
}
