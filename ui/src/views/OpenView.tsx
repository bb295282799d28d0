/** `/open?paths=`: what to do with something that was dropped. */
import { useSearchParams } from "react-router";
import { OpenPage } from "../bundles/OpenPage";

function listOf(text: string | null): string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((one): one is string => typeof one === "string") : [];
  } catch {
    // One plain path is as good.
    return text ? [text] : [];
  }
}

export default function OpenView() {
  const [query] = useSearchParams();
  const files = listOf(query.get("paths"));
  return <OpenPage key={files.join("\n")} files={files} />;
}
