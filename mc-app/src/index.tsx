/// <reference types="@commercetools-frontend/application-config/client" />

import { createRoot } from "react-dom/client";
import { EntryPoint } from "./components/entry-point/entry-point.tsx";

const container = document.getElementById("app");
if (!container) throw new Error("The page has no element with the id «app».");
createRoot(container).render(<EntryPoint />);
