// The little script of Sổ công việc. Every page works without it; it adds what only a script can: leaving at once, covering an untouched
// screen, asking again before a step that cannot be taken back, and helping with long lists. It writes no markup (Trusted Types admit none),
// keeps nothing in the browser's storage and fetches no page.
import { autosave } from "./autosave";
import { commune } from "./commune";
import { confirmSteps } from "./confirm";
import { quickExit } from "./exit";
import { keys } from "./key";
import { lock } from "./lock";
import { menus, network, openGroups, takeFocus } from "./page";
import { receiver } from "./receiver";
import { guard } from "./unsaved";

quickExit();
lock();
guard();
confirmSteps();
commune();
receiver();
menus();
network();
openGroups();
takeFocus();
keys();
autosave();
