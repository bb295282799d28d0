/** `/bundle?path=`: a bundle that was dropped, opened or made. */
import { useSearchParams } from "react-router";
import { BundlePage } from "../bundles/BundlePage";
import { OpenPage } from "../bundles/OpenPage";

export default function BundleView() {
  const [query] = useSearchParams();
  const path = query.get("path");
  return path ? <BundlePage key={path} path={path} /> : <OpenPage files={[]} />;
}
