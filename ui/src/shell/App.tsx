/** The whole window: providers around the frame and the routes in it. */
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { createHashRouter, RouterProvider } from "react-router";
import { connect, makeQueryClient } from "../api";
import { Themed } from "../theme/Themed";
import { routes } from "../views/routes";
import { Frame } from "./Frame";
import { PageBroken } from "./PageBroken";

/** The routes as they hang in the frame; tests use them with a memory router. */
export const tree = [
  {
    path: "/",
    element: <Frame />,
    errorElement: <PageBroken />,
    children: [{ errorElement: <PageBroken />, children: routes }],
  },
];

/** Backstay's window. */
export function App() {
  const [client] = useState(makeQueryClient);
  const [router] = useState(() => createHashRouter(tree));
  useEffect(() => connect(client), [client]);
  return (
    <Themed>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Themed>
  );
}
