/**
 * Which page stands behind which address. A page is the default export of `views/<Name>View.tsx` and is fetched when it is
 * first opened; one whose file does not exist yet shows the state *loading*.
 */
import { type ComponentType, lazy, Suspense } from "react";
import type { RouteObject } from "react-router";
import { Loading } from "../shared/ListStates";

type Page = { default: ComponentType };
const files = import.meta.glob<Page>("./*View.tsx");

function Coming() {
  return <Loading />;
}

function page(name: string) {
  const load = files[`./${name}View.tsx`];
  const View = load ? lazy(load) : Coming;
  return (
    <Suspense fallback={<Loading />}>
      <View />
    </Suspense>
  );
}

/** All addresses, below the frame. */
export const routes: RouteObject[] = [
  { index: true, element: page("Overview") },
  { path: "welcome", element: page("Welcome") },
  { path: "sources", element: page("Sources") },
  { path: "sources/add", element: page("AddSource") },
  { path: "sources/:name", element: page("Source") },
  { path: "figures", element: page("Figures") },
  { path: "snapshots", element: page("Snapshots") },
  { path: "snapshots/:vault/:id", element: page("Browser") },
  { path: "search", element: page("Search") },
  { path: "compare", element: page("Compare") },
  { path: "compare/record", element: page("CompareRecord") },
  { path: "restore", element: page("Restore") },
  { path: "restore/job/:job", element: page("RestoreJob") },
  { path: "bundle", element: page("Bundle") },
  { path: "open", element: page("Open") },
  { path: "plans", element: page("Plans") },
  { path: "plans/add", element: page("PlanAdd") },
  { path: "plans/:name", element: page("Plan") },
  { path: "vaults", element: page("Vaults") },
  { path: "vaults/add", element: page("AddVault") },
  { path: "vaults/:name", element: page("Vault") },
  { path: "activity", element: page("Activity") },
  { path: "activity/runs/:id", element: page("Run") },
  { path: "activity/audit", element: page("Audit") },
  { path: "settings", element: page("Settings") },
  { path: "settings/:section", element: page("Settings") },
  ...(__FAKE__ ? [{ path: "gallery", lazy: async () => ({ Component: (await import("./Gallery")).default }) }] : []),
];
