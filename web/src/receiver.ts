import { all, one } from "./dom";

// receiver follows the chosen service: a receiver who does not offer it is hidden by the style sheet; here it loses its mark, and if only one is
// left, that one is marked.
export function receiver(): void {
  const form = one<HTMLFormElement>("form.refer");
  form?.addEventListener("change", (event) => {
    if ((event.target as HTMLInputElement).name !== "service") return;
    const shown = all<HTMLInputElement>('input[name="to"]', form).filter((input) => {
      const visible = input.checkVisibility?.() ?? input.offsetParent !== null;
      if (!visible) input.checked = false;
      return visible;
    });
    if (shown.length === 1) shown[0].checked = true;
  });
}
